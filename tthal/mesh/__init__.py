"""The vendor's mesh names on one device, which is a mesh of 1x1: ports of its programs go line by line."""
