"""What backends share: options, caches, checks of images, travelling calls and errors, suggestions, listeners' header.

The frontend uses parts of it too. Nothing here knows a backend.
"""
