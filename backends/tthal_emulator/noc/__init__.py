"""The networks on chip."""
