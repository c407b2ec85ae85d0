"""What backends share: options, caches, checks of images, calls and errors that travel, suggestions.

The frontend uses parts of it too. Nothing here knows a backend.
"""
