"""Logical core coordinates and sets of them (host-api.md §1.2)."""

from __future__ import annotations

import json
import operator
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union, overload

from tthal import former_rectangles, host_rules, notebook
from tthal.errors import InvalidArgument, WrongType

__all__ = ["CoreCoord", "CoreRange", "CoreRangeSet", "corerange_to_cores"]

Cores = Union["CoreCoord", "CoreRange", "CoreRangeSet"]

CoreSpec = Union["CoreCoord", "CoreRange", "CoreRangeSet", tuple[int, int]]
"""Cores as every function takes them."""

CoreLike = Union["CoreCoord", tuple[int, int]]
"""A core as every function takes it: a pair ``(x, y)`` stands for a CoreCoord, as in the vendor's package."""


@dataclass(frozen=True, slots=True, order=True)
class CoreCoord:
    """A logical core: column ``x`` and row ``y``, both counted from 0; ``CoreCoord(x, y)`` or ``CoreCoord((x, y))``."""

    x: int
    y: int

    @overload
    def __init__(self, x: int, y: int) -> None: ...
    @overload
    def __init__(self, x: CoreLike, /) -> None: ...
    def __init__(self, x: int | CoreLike, y: int | None = None) -> None:
        if y is None:
            x, y = _pair(x)
        for axis, value in (("x", x), ("y", y)):
            number = value if type(value) is int else _whole_number(axis, value)
            if number < 0:
                raise InvalidArgument(f"CoreCoord {axis}={number} is negative; logical coordinates count from 0")
            object.__setattr__(self, axis, number)

    def __post_init__(self) -> None:
        # Decoders set the attributes themselves and call only this.
        self.__init__(self.x, self.y)  # type: ignore[misc]

    def to_json(self) -> str:
        """Return it as the vendor's package writes it."""
        return json.dumps(_as_json(self), separators=(",", ":"))

    @staticmethod
    def from_json(text: str) -> CoreCoord:
        """Return what :meth:`to_json` wrote."""
        return CoreCoord(**json.loads(text))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, CoreCoord):
            return self.x == other.x and self.y == other.y
        return (self.x, self.y) == other if isinstance(other, tuple) else NotImplemented

    def __str__(self) -> str:
        return f"{self.x}-{self.y}"

    def __iter__(self) -> Iterator[int]:
        return iter((self.x, self.y))


def as_core(given: object, what: str) -> CoreCoord:
    """Return a core given as a CoreCoord or as a pair.

    Raises:
        TypeError: it is neither; ``what`` names it.
    """
    if isinstance(given, CoreCoord):
        return given
    if is_pair_of_numbers(given):
        return CoreCoord(*given)  # type: ignore[misc]
    raise WrongType(f"{what} must be a CoreCoord or a pair (x, y), not {type(given).__name__}")


def as_cores(given: object, what: str) -> Cores:
    """Return a core specification; a pair (x, y) is one core.

    Raises:
        TypeError: it is none; ``what`` names it.
    """
    if isinstance(given, (CoreCoord, CoreRange, CoreRangeSet)):
        return given
    if is_pair_of_numbers(given):
        return as_core(given, what)
    raise WrongType(f"{what} must be a CoreCoord, CoreRange or CoreRangeSet, not {type(given).__name__}")


def is_pair_of_numbers(given: object) -> bool:
    """Whether something is a tuple or list of two whole numbers."""
    return isinstance(given, (tuple, list)) and len(given) == 2 and all(hasattr(each, "__index__") for each in given)


@dataclass(frozen=True, slots=True, order=True)
class CoreRange:
    """A rectangle of cores, both corners included; one corner alone is a range of one core.

    Raises:
        InvalidArgument: the end lies left of or above the start.
    """

    start: CoreCoord
    end: CoreCoord

    @overload
    def __init__(self, start: CoreLike) -> None: ...
    @overload
    def __init__(self, start: CoreLike, end: CoreLike) -> None: ...
    def __init__(self, start: CoreLike, end: CoreLike | None = None) -> None:
        start = as_core(start, "CoreRange start")
        end = start if end is None else as_core(end, "CoreRange end")
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

    def contains(self, other: CoreSpec) -> bool:
        """Whether a core, or every core of a range or of a set, lies inside."""
        if isinstance(other, CoreRangeSet):
            return all(self.contains(each) for each in other.ranges)
        start, end = (other.start, other.end) if isinstance(other, CoreRange) else (as_core(other, "a core"),) * 2
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

    def to_json(self) -> str:
        """Return it as the vendor's package writes it."""
        return json.dumps(_as_json(self), separators=(",", ":"))

    @staticmethod
    def from_json(text: str) -> CoreRange:
        """Return what :meth:`to_json` wrote."""
        return _range_from_json(json.loads(text))

    def __contains__(self, other: CoreSpec) -> bool:
        return self.contains(other)

    def __iter__(self) -> Iterator[CoreCoord]:
        """Walk the cores row by row."""
        for y in range(self.start.y, self.end.y + 1):
            for x in range(self.start.x, self.end.x + 1):
                yield CoreCoord(x, y)

    def __str__(self) -> str:
        return f"[{self.start} - {self.end}]"


class Rectangles(tuple[CoreRange, ...]):
    """The rectangles of a set: read as a tuple, or called for a list as the vendor's ``ranges()`` is."""

    __slots__ = ()

    def __call__(self) -> list[CoreRange]:
        """Return them as a list."""
        return list(self)


@dataclass(frozen=True, slots=True)
class CoreRangeSet:
    """Disjoint rectangles of cores, in the order given; adjacent ones stay apart until :meth:`merge_ranges`.

    Attributes:
        ranges: the rectangles, as a tuple; ``ranges()`` is the vendor's spelling.

    Raises:
        InvalidArgument: two of the rectangles overlap.
    """

    if TYPE_CHECKING:
        ranges: Rectangles
    else:
        ranges: tuple[CoreRange, ...]  # what decoders of traces make, before __post_init__

    def __init__(self, core_ranges: Iterable[CoreRange | CoreLike] | CoreSpec = ()) -> None:
        object.__setattr__(self, "ranges", Rectangles(_as_ranges(core_ranges)))
        if not isinstance(core_ranges, (CoreCoord, CoreRange, CoreRangeSet)):
            _require_disjoint(self.ranges)

    def __post_init__(self) -> None:
        # Decoders set the attributes themselves and call only this.
        object.__setattr__(self, "ranges", Rectangles(self.ranges))

    @classmethod
    def of(cls, spec: CoreSpec) -> CoreRangeSet:
        """Return any core specification as a set."""
        return spec if isinstance(spec, CoreRangeSet) else cls(as_cores(spec, "a core specification"))

    def _repr_html_(self) -> str:
        return notebook.cores(f"{self.num_cores()} cores", [(core.x, core.y) for core in self.cores()])

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
        other = as_cores(other, "a core")
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
            theirs = map(_rectangle, CoreRangeSet.of(other).ranges)
            return _of_rectangles(former_rectangles.subtract(map(_rectangle, self.ranges), theirs))
        pieces = list(self.merge_ranges().ranges)
        for each in CoreRangeSet.of(other).merge_ranges().ranges:
            pieces = [rest for piece in pieces for rest in piece.subtract(each)]
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

    def to_json(self) -> str:
        """Return it as the vendor's package writes it."""
        return json.dumps([_as_json(each) for each in self.ranges], separators=(",", ":"))

    @staticmethod
    def from_json(text: str) -> CoreRangeSet:
        """Return what :meth:`to_json` wrote."""
        return CoreRangeSet([_range_from_json(each) for each in json.loads(text)])

    def __contains__(self, other: CoreSpec) -> bool:
        return self.contains(other)

    def __iter__(self) -> Iterator[CoreRange]:
        return iter(self.ranges)

    def __len__(self) -> int:
        return len(self.ranges)

    def __str__(self) -> str:
        return "{" + ", ".join(str(core_range) for core_range in self.ranges) + "}"

    def __repr__(self) -> str:
        # As in ttnn 0.81.1: a set of many ranges on one line.
        return str(self)


def _as_ranges(spec: Iterable[CoreRange | CoreLike] | CoreSpec) -> tuple[CoreRange, ...]:
    if isinstance(spec, CoreCoord):
        return (CoreRange(spec, spec),)
    if isinstance(spec, CoreRange):
        return (spec,)
    if isinstance(spec, CoreRangeSet):
        return spec.ranges
    ranges = tuple(item if isinstance(item, CoreRange) else _one_core(item) for item in spec)
    # A Python set has no order of its own; the vendor's is ordered by corner.
    return tuple(sorted(ranges)) if isinstance(spec, (set, frozenset)) else ranges


def _one_core(item: object) -> CoreRange:
    if isinstance(item, CoreCoord) or is_pair_of_numbers(item):
        return CoreRange(as_core(item, "a core"))
    raise WrongType(f"a CoreRangeSet holds CoreRange objects, not {type(item).__name__}")


def _as_json(given: CoreCoord | CoreRange) -> dict[str, object]:
    if isinstance(given, CoreCoord):
        return {"x": given.x, "y": given.y}
    return {"end": _as_json(given.end), "start": _as_json(given.start)}


def _range_from_json(given: dict[str, dict[str, int]]) -> CoreRange:
    return CoreRange(CoreCoord(**given["start"]), CoreCoord(**given["end"]))


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
    if host_rules.in_force() == host_rules.FIRST:
        return _of_rectangles(former_rectangles.by_rows(map(_rectangle, joined)))
    return CoreRangeSet(joined)


def _rectangle(cores: CoreRange) -> former_rectangles.Rectangle:
    return cores.start.x, cores.start.y, cores.end.x, cores.end.y


def _of_rectangles(rectangles: Iterable[former_rectangles.Rectangle]) -> CoreRangeSet:
    return CoreRangeSet([CoreRange(CoreCoord(*each[:2]), CoreCoord(*each[2:])) for each in rectangles])


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


def _pair(given: object) -> tuple[int, int]:
    if isinstance(given, CoreCoord):
        return given.x, given.y
    if is_pair_of_numbers(given):
        return given[0], given[1]  # type: ignore[index]
    raise WrongType(f"a CoreCoord is two numbers, CoreCoord(x, y) or CoreCoord((x, y)), not {given!r}")


def _whole_number(axis: str, value: object) -> int:
    if not isinstance(value, bool):
        try:
            return operator.index(value)  # type: ignore[arg-type]
        except TypeError:
            pass
    raise WrongType(f"CoreCoord {axis} must be an int, not {type(value).__name__}")


def corerange_to_cores(
    core_range_set: CoreSpec, max_cores: int | None = None, row_wise: bool = False
) -> list[CoreCoord]:
    """List the cores rectangle by rectangle, column-wise (x outer) by default, row-wise (y outer) on request."""
    cores: list[CoreCoord] = []
    for core_range in CoreRangeSet.of(core_range_set).ranges:
        walk = list(core_range)
        cores.extend(walk if row_wise else sorted(walk))
    return cores if max_cores is None else cores[:max_cores]
