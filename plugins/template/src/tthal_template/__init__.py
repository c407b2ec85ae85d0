"""A skeleton of a tthal backend."""
