"""The vendor's profiler marks, which mark nothing here."""

from __future__ import annotations


def signpost(header: str, message: str | None = None) -> None:
    """Do nothing."""
