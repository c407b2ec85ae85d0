"""Logical core coordinates and sets of them (host-api.md §1.2)."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Union, overload

from tthal import former_rectangles, host_rules
from tthal.errors import InvalidArgument

CoreSpec = Union["CoreCoord", "CoreRange", "CoreRangeSet"]


@dataclass(frozen=True, slots=True, order=True)
class CoreCoord:
    """A logical core: column ``x`` and row ``y``, both counted from 0."""

    x: int
    y: int

    def __post_init__(self) -> None:
        for axis, value in (("x", self.x), ("y", self.y)):
            if type(value) is not int:
                object.__setattr__(self, axis, value := _whole_number(axis, value))
            if value < 0:
                raise InvalidArgument(f"CoreCoord {axis}={value} is negative; logical coordinates count from 0")

    def __str__(self) -> str:
        return f"{self.x}-{self.y}"

    def __iter__(self) -> Iterator[int]:
        return iter((self.x, self.y))


@dataclass(frozen=True, slots=True, order=True)
class CoreRange:
    """A rectangle of cores, both corners included; one corner alone is a range of one core.

    Raises:
        InvalidArgument: the end lies left of or above the start.
    """

    start: CoreCoord
    end: CoreCoord

    @overload
    def __init__(self, start: CoreCoord) -> None: ...
    @overload
    def __init__(self, start: CoreCoord, end: CoreCoord) -> None: ...
    def __init__(self, start: CoreCoord, end: CoreCoord | None = None) -> None:
        end = start if end is None else end
        for name, corner in (("start", start), ("end", end)):
            if not isinstance(corner, CoreCoord):
                raise TypeError(f"CoreRange {name} must be a CoreCoord, not {type(corner).__name__}")
        if end.x < start.x or end.y < start.y:
            raise InvalidArgument(f"invalid core range: end {end} lies before start {start}; swap the two corners")
        object.__setattr__(self, "start", start)
        object.__setattr__(self, "end", end)

    @property
    def start_coord(self) -> CoreCoord:
        """The vendor's name of ``start``."""
        return self.start

    @property
    def end_coord(self) -> CoreCoord:
        """The vendor's name of ``end``."""
        return self.end

    def grid_size(self) -> CoreCoord:
        """Return (width, height) in cores."""
        return CoreCoord(self.end.x - self.start.x + 1, self.end.y - self.start.y + 1)

    def size(self) -> int:
        """Return the number of cores."""
        return (self.end.x - self.start.x + 1) * (self.end.y - self.start.y + 1)

    def contains(self, other: CoreCoord | CoreRange) -> bool:
        """Whether a core or every core of a range lies inside."""
        start, end = (other, other) if isinstance(other, CoreCoord) else (other.start, other.end)
        return self.start.x <= start.x and self.start.y <= start.y and end.x <= self.end.x and end.y <= self.end.y

    def intersection(self, other: CoreRange) -> CoreRange | None:
        """Return the common rectangle, or None when there is none."""
        left, top = max(self.start.x, other.start.x), max(self.start.y, other.start.y)
        right, bottom = min(self.end.x, other.end.x), min(self.end.y, other.end.y)
        if right < left or bottom < top:
            return None
        return CoreRange(CoreCoord(left, top), CoreCoord(right, bottom))

    def intersects(self, other: CoreRange) -> bool:
        """Whether the two rectangles share a core."""
        mine, theirs = self.start, other.start
        return mine.x <= other.end.x and theirs.x <= self.end.x and mine.y <= other.end.y and theirs.y <= self.end.y

    def adjacent(self, other: CoreRange) -> bool:
        """Whether the two rectangles are disjoint and their union is a rectangle."""
        return self.merge(other) is not None and not self.intersects(other)

    def merge(self, other: CoreRange) -> CoreRange | None:
        """Return the union when it is a rectangle, else None."""
        left, top = min(self.start.x, other.start.x), min(self.start.y, other.start.y)
        right, bottom = max(self.end.x, other.end.x), max(self.end.y, other.end.y)
        union = CoreRange(CoreCoord(left, top), CoreCoord(right, bottom))
        common = self.intersection(other)
        if union.size() != self.size() + other.size() - (common.size() if common else 0):
            return None
        return union

    def subtract(self, other: CoreRange) -> list[CoreRange]:
        """Return the cores outside ``other``: whole columns left and right of it, then what is above and below it."""
        common = self.intersection(other)
        if common is None:
            return [self]
        left, right, top, bottom = common.start.x, common.end.x, common.start.y, common.end.y
        pieces = []
        if self.start.x < left:
            pieces.append(CoreRange(self.start, CoreCoord(left - 1, self.end.y)))
        if right < self.end.x:
            pieces.append(CoreRange(CoreCoord(right + 1, self.start.y), self.end))
        if self.start.y < top:
            pieces.append(CoreRange(CoreCoord(left, self.start.y), CoreCoord(right, top - 1)))
        if bottom < self.end.y:
            pieces.append(CoreRange(CoreCoord(left, bottom + 1), CoreCoord(right, self.end.y)))
        return pieces

    def __contains__(self, other: CoreCoord | CoreRange) -> bool:
        return self.contains(other)

    def __iter__(self) -> Iterator[CoreCoord]:
        """Walk the cores row by row."""
        for y in range(self.start.y, self.end.y + 1):
            for x in range(self.start.x, self.end.x + 1):
                yield CoreCoord(x, y)

    def __str__(self) -> str:
        return f"[{self.start} - {self.end}]"


@dataclass(frozen=True, slots=True)
class CoreRangeSet:
    """Disjoint rectangles of cores, in the order given; adjacent ones stay apart until :meth:`merge_ranges`.

    Raises:
        InvalidArgument: two of the rectangles overlap.
    """

    ranges: tuple[CoreRange, ...]

    def __init__(self, ranges: Iterable[CoreRange | CoreCoord] | CoreSpec = ()) -> None:
        object.__setattr__(self, "ranges", _as_ranges(ranges))
        if not isinstance(ranges, (CoreCoord, CoreRange, CoreRangeSet)):
            _require_disjoint(self.ranges)

    @classmethod
    def of(cls, spec: CoreSpec) -> CoreRangeSet:
        """Return any core specification as a set."""
        return spec if isinstance(spec, CoreRangeSet) else cls(spec)

    def num_cores(self) -> int:
        """Return the number of cores."""
        return sum(core_range.size() for core_range in self.ranges)

    def size(self) -> int:
        """Return the number of rectangles."""
        return len(self.ranges)

    def empty(self) -> bool:
        """Whether the set holds no core."""
        return not self.ranges

    def cores(self) -> Iterator[CoreCoord]:
        """Walk the cores, rectangle by rectangle, row by row."""
        for core_range in self.ranges:
            yield from core_range

    def contains(self, other: CoreSpec) -> bool:
        """Whether every core of ``other`` lies in the set."""
        if isinstance(other, CoreCoord):
            return any(core_range.contains(other) for core_range in self.ranges)
        return CoreRangeSet.of(other).subtract(self).empty()

    def intersects(self, other: CoreSpec) -> bool:
        """Whether the sets share a core."""
        theirs = CoreRangeSet.of(other).ranges
        return any(mine.intersects(each) for mine in self.ranges for each in theirs)

    def intersection(self, other: CoreSpec) -> CoreRangeSet:
        """Return the common cores."""
        pairs = ((mine, theirs) for mine in self.ranges for theirs in CoreRangeSet.of(other).ranges)
        common = (mine.intersection(theirs) for mine, theirs in pairs)
        return CoreRangeSet([piece for piece in common if piece is not None])

    def subtract(self, other: CoreSpec) -> CoreRangeSet:
        """Return the cores that are not in ``other``; both sets are merged first, as by the vendor (ttnn 0.81.1)."""
        if host_rules.in_force() == host_rules.FIRST:
            return CoreRangeSet(former_rectangles.subtract(self.ranges, CoreRangeSet.of(other).ranges))
        pieces = list(self.merge_ranges().ranges)
        for theirs in CoreRangeSet.of(other).merge_ranges().ranges:
            pieces = [rest for piece in pieces for rest in piece.subtract(theirs)]
        return CoreRangeSet(pieces)

    def merge(self, other: CoreSpec) -> CoreRangeSet:
        """Return the union, with neighbouring rectangles joined where the result is a rectangle."""
        theirs = CoreRangeSet.of(other)
        return _joined([*self.ranges, *theirs.subtract(self).ranges])

    def merge_ranges(self) -> CoreRangeSet:
        """Return the same cores as few rectangles, by start column: runs along x, joined down the rows that match."""
        return self if len(self.ranges) < 2 else _joined(self.ranges)

    def bounding_box(self) -> CoreRange:
        """Return the smallest rectangle around the set.

        Raises:
            InvalidArgument: the set is empty.
        """
        if not self.ranges:
            raise InvalidArgument("an empty CoreRangeSet has no bounding box")
        return CoreRange(
            CoreCoord(min(r.start.x for r in self.ranges), min(r.start.y for r in self.ranges)),
            CoreCoord(max(r.end.x for r in self.ranges), max(r.end.y for r in self.ranges)),
        )

    def __contains__(self, other: CoreSpec) -> bool:
        return self.contains(other)

    def __iter__(self) -> Iterator[CoreRange]:
        return iter(self.ranges)

    def __len__(self) -> int:
        return len(self.ranges)

    def __str__(self) -> str:
        return "{" + ", ".join(str(core_range) for core_range in self.ranges) + "}"


def _as_ranges(spec: Iterable[CoreRange | CoreCoord] | CoreSpec) -> tuple[CoreRange, ...]:
    if isinstance(spec, CoreCoord):
        return (CoreRange(spec, spec),)
    if isinstance(spec, CoreRange):
        return (spec,)
    if isinstance(spec, CoreRangeSet):
        return spec.ranges
    ranges = tuple(CoreRange(item, item) if isinstance(item, CoreCoord) else item for item in spec)
    for item in ranges:
        if not isinstance(item, CoreRange):
            raise TypeError(f"a CoreRangeSet holds CoreRange objects, not {type(item).__name__}")
    # A Python set has no order of its own; the vendor's is ordered by corner.
    return tuple(sorted(ranges)) if isinstance(spec, (set, frozenset)) else ranges


def _require_disjoint(ranges: tuple[CoreRange, ...]) -> None:
    if all(each.start == each.end for each in ranges) and len({each.start for each in ranges}) == len(ranges):
        return
    for index, first in enumerate(ranges):
        for second in ranges[index + 1 :]:
            if first.intersects(second):
                raise InvalidArgument(f"core ranges {first} and {second} overlap; a CoreRangeSet is disjoint")


def _joined(ranges: Iterable[CoreRange]) -> CoreRangeSet:
    """Join the longest runs of each row with those above them that begin and end at the same columns.

    The order is the vendor's: by the first corner's x, then its y (ttnn 0.81.1, ``CoreRangeSet.merge``).
    """
    done: list[CoreRange] = []
    growing: dict[tuple[int, int], CoreRange] = {}
    for y, runs in sorted(_runs_by_row(ranges).items()):
        for left, right in runs:
            block = growing.get((left, right))
            if block is not None and block.end.y < y - 1:
                done.append(block)
                block = None
            growing[left, right] = CoreRange(block.start if block else CoreCoord(left, y), CoreCoord(right, y))
    joined = sorted([*done, *growing.values()])
    return CoreRangeSet(former_rectangles.by_rows(joined) if host_rules.in_force() == host_rules.FIRST else joined)


def _runs_by_row(ranges: Iterable[CoreRange]) -> dict[int, list[tuple[int, int]]]:
    """Return the longest runs of cores (first x, last x) of each row, from left to right."""
    rows: dict[int, list[tuple[int, int]]] = {}
    for each in sorted(ranges):
        for y in range(each.start.y, each.end.y + 1):
            runs = rows.setdefault(y, [])
            if runs and runs[-1][1] == each.start.x - 1:
                runs[-1] = (runs[-1][0], each.end.x)
            else:
                runs.append((each.start.x, each.end.x))
    return rows


def _whole_number(axis: str, value: object) -> int:
    if not isinstance(value, bool):
        try:
            return operator.index(value)  # type: ignore[arg-type]
        except TypeError:
            pass
    raise TypeError(f"CoreCoord {axis} must be an int, not {type(value).__name__}")


def corerange_to_cores(core_ranges: CoreSpec, max_cores: int | None = None, row_wise: bool = False) -> list[CoreCoord]:
    """List the cores rectangle by rectangle, column-wise (x outer) by default, row-wise (y outer) on request."""
    cores: list[CoreCoord] = []
    for core_range in CoreRangeSet.of(core_ranges).ranges:
        walk = list(core_range)
        cores.extend(walk if row_wise else sorted(walk))
    return cores if max_cores is None else cores[:max_cores]
