"""A launch from its first turn to its last."""
