"""The recorder as a plugin."""
