"""Rectangles of cores as tthal 0.1 cut and ordered them, for programs that run on a trace of that time.

Runs along x are joined down the rows and listed by row; see :mod:`tthal.host_rules`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tthal.coordinates import CoreRange


def by_rows(ranges: Iterable[CoreRange]) -> list[CoreRange]:
    """Return joined rectangles in their former order."""
    return sorted(ranges, key=lambda each: (each.start.y, each.start.x))


def subtract(ranges: Iterable[CoreRange], others: Iterable[CoreRange]) -> list[CoreRange]:
    """Return the cores of some rectangles outside others: rows above, what is beside, rows below."""
    pieces = list(ranges)
    for other in others:
        pieces = [rest for piece in pieces for rest in _rest(piece, other)]
    return pieces


def _rest(whole: CoreRange, other: CoreRange) -> list[CoreRange]:
    common = whole.intersection(other)
    if common is None:
        return [whole]
    corner, far = type(common.start), whole.end
    beside = [
        (whole.start.x, common.start.y, common.start.x - 1, common.end.y),
        (common.end.x + 1, common.start.y, far.x, common.end.y),
    ]
    above = (whole.start.x, whole.start.y, far.x, common.start.y - 1)
    below = (whole.start.x, common.end.y + 1, far.x, far.y)
    return [
        type(whole)(corner(left, top), corner(right, bottom))
        for left, top, right, bottom in (above, *beside, below)
        if left <= right and top <= bottom
    ]
