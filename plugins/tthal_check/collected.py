"""Findings of all launches of a process, gathered while somebody asks for them: each once, with how often it came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tthal.errors import Finding, LaunchError


class Collected(dict[Finding, int]):
    """Findings, and how often each came.

    Attributes:
        suppressed: how often something was found that an option or a comment says not to tell.
        allowed: those that comments say not to tell.
        failures: errors that ended a launch in which no check found one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.suppressed = 0
        self.allowed: dict[Finding, int] = {}
        self.failures: list[LaunchError] = []


_collections: list[Collected] = []


def collect(finding: Finding) -> None:
    """Add a finding to all collections that are open."""
    for collection in _collections:
        collection[finding] = collection.get(finding, 0) + 1


def leave_out(count: int, allowed: Iterable[Finding] = ()) -> None:
    """Count what was found and is suppressed; name what comments allow."""
    named = list(allowed)
    for collection in _collections:
        collection.suppressed += count
        for finding in named:
            collection.allowed[finding] = collection.allowed.get(finding, 0) + 1


def fail(error: BaseException | None) -> None:
    """Note an error that ended a launch; nothing else is noted."""
    if isinstance(error, LaunchError):
        for collection in _collections:
            collection.failures.append(error)


@contextmanager
def collecting() -> Iterator[Collected]:
    """Gather what is found from here on, in the order of first occurrence."""
    collection = Collected()
    _collections.append(collection)
    try:
        yield collection
    finally:
        _collections[:] = [other for other in _collections if other is not collection]
