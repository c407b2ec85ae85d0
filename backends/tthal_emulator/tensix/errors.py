"""What the tile mathematics refuses."""

from __future__ import annotations


class TensixError(ValueError):
    """A tile operation that the hardware does not have, or that its documentation leaves undefined."""


class UnsupportedFormat(TensixError):
    """A data format that this unit cannot read or write."""


class DstIndexError(TensixError):
    """A DST tile index at or past the capacity of the present DST mode."""
