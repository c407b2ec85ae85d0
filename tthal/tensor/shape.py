"""The shape of a tensor."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Any, SupportsIndex

from tthal.errors import InvalidArgument, WrongType

EXTENT_MAX = 0xFFFF_FFFF
"""Extents are unsigned 32-bit numbers."""

IMPLIED_RANK = 4
"""Negative indices reach this far; dimensions that a shape lacks in front count as 1 (ttnn 0.81.1)."""


class Shape(Sequence[int]):
    """Extents, outermost first; equal to a list or tuple with the same numbers.

    ``shape[-4]`` of a shape with fewer dimensions is 1, as in ttnn. Slices are not taken: use ``list(shape)[1:]``.

    Raises:
        TypeError: it is no sequence of whole numbers from 0 to 2**32 - 1.
    """

    __slots__ = ("_extents",)

    def __init__(self, shape: Iterable[int]) -> None:
        if isinstance(shape, (str, bytes)) or not isinstance(shape, Iterable):
            raise WrongType(f"a Shape takes a list of extents such as Shape([32, 64]), not {shape!r}")
        self._extents = tuple(_extent(each) for each in shape)

    @property
    def rank(self) -> int:
        """The number of dimensions."""
        return len(self._extents)

    def to_rank(self, rank: int) -> Shape:
        """Return the shape with ``rank`` dimensions: ones are put in front or taken away there.

        Raises:
            InvalidArgument: a dimension that would go is not 1.
        """
        dropped = self._extents[: max(0, self.rank - rank)]
        if any(each != 1 for each in dropped):
            raise InvalidArgument(f"{self!r} cannot have rank {rank}: its leading dimensions {list(dropped)} are not 1")
        return Shape((1,) * (rank - self.rank) + self._extents[len(dropped) :])

    def volume(self) -> int:
        """Return the number of elements."""
        return prod(self._extents)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            raise WrongType("a Shape takes one index at a time; use list(shape)[...] for a part of it")
        place = operator.index(index)
        if -max(IMPLIED_RANK, self.rank) <= place < -self.rank:
            return 1
        if not -self.rank <= place < self.rank:
            raise ShapeIndexError(f"index {place} is outside {self!r}, which has {self.rank} dimensions")
        return self._extents[place]

    def __len__(self) -> int:
        return len(self._extents)

    def __iter__(self) -> Iterator[int]:
        return iter(self._extents)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (Shape, list, tuple)):
            return self._extents == tuple(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._extents)

    def __repr__(self) -> str:
        return f"Shape({list(self._extents)})"


class ShapeIndexError(InvalidArgument, IndexError):
    """A shape has no such dimension."""


def as_shape(given: Iterable[int] | int) -> Shape:
    """Return a Shape, a list or a tuple as a Shape."""
    return given if isinstance(given, Shape) else Shape(given)  # type: ignore[arg-type]


def _extent(value: SupportsIndex) -> int:
    if isinstance(value, (str, bytes)) or not hasattr(value, "__index__"):
        raise WrongType(f"an extent of a Shape must be an int, not {value!r}")
    extent = operator.index(value)
    if not 0 <= extent <= EXTENT_MAX:
        raise WrongType(f"an extent of a Shape must be from 0 to 2**32 - 1, not {extent}")
    return extent
