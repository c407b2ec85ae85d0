"""Rectangles of cores as tthal 0.1 cut and ordered them, for programs that run on a trace of that time.

Runs along x are joined down the rows and listed by row; see :mod:`tthal.host_rules`.
"""

from __future__ import annotations

from collections.abc import Iterable

Rectangle = tuple[int, int, int, int]
"""Left, top, right and bottom, all of them inside."""


def by_rows(rectangles: Iterable[Rectangle]) -> list[Rectangle]:
    """Return joined rectangles in their former order."""
    return sorted(rectangles, key=lambda each: (each[1], each[0]))


def subtract(rectangles: Iterable[Rectangle], others: Iterable[Rectangle]) -> list[Rectangle]:
    """Return the cores of some rectangles outside others: rows above, what is beside, rows below."""
    pieces = list(rectangles)
    for other in others:
        pieces = [rest for piece in pieces for rest in _rest(piece, other)]
    return pieces


def _rest(whole: Rectangle, other: Rectangle) -> list[Rectangle]:
    left, top, right, bottom = whole
    first, upper = max(left, other[0]), max(top, other[1])
    last, lower = min(right, other[2]), min(bottom, other[3])
    if first > last or upper > lower:
        return [whole]
    above, below = (left, top, right, upper - 1), (left, lower + 1, right, bottom)
    beside = (left, upper, first - 1, lower), (last + 1, upper, right, lower)
    return [each for each in (above, *beside, below) if each[0] <= each[2] and each[1] <= each[3]]
