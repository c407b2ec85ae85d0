"""Findings of all launches of a process, gathered while somebody asks for them: each once, with how often it came."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tthal.errors import Finding


class Collected(dict[Finding, int]):
    """Findings, and how often each came.

    Attributes:
        suppressed: how often something was found that an option or a comment says not to tell.
    """

    suppressed = 0


_collections: list[Collected] = []


def collect(finding: Finding) -> None:
    """Add a finding to all collections that are open."""
    for collection in _collections:
        collection[finding] = collection.get(finding, 0) + 1


def leave_out(count: int) -> None:
    """Count what was found and is suppressed."""
    for collection in _collections:
        collection.suppressed += count


@contextmanager
def collecting() -> Iterator[Collected]:
    """Gather what is found from here on, in the order of first occurrence."""
    collection = Collected()
    _collections.append(collection)
    try:
        yield collection
    finally:
        _collections[:] = [other for other in _collections if other is not collection]
