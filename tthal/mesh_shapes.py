"""Shapes of a mesh of devices, coordinates in it and ranges of them (ttnn 0.81.1); a device here is a mesh of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from tthal.errors import InvalidArgument, WrongType
from tthal.words import integer

__all__ = ["MeshCoordinate", "MeshCoordinateRange", "MeshCoordinateRangeSet", "MeshShape"]


@dataclass(frozen=True, slots=True, init=False)
class _Numbers:
    """Two or more numbers, given one by one or as a sequence."""

    numbers: tuple[int, ...]

    def __init__(self, *numbers: int | Sequence[int], **named: int | Sequence[int]) -> None:
        # The vendor's names: s0, s1, s2 or shape; c0, c1, c2 or coords.
        numbers = (*numbers, *(named[name] for name in sorted(named)))
        given = numbers[0] if len(numbers) == 1 and not hasattr(numbers[0], "__index__") else numbers
        checked = tuple(integer(each, type(self).__name__) for each in given)
        if not checked or min(checked) < 0:
            raise InvalidArgument(f"a {type(self).__name__} is made of numbers from 0 on, not {given!r}")
        object.__setattr__(self, "numbers", checked)

    def dims(self) -> int:
        """Return how many numbers there are."""
        return len(self.numbers)

    def __getitem__(self, index: int) -> int:
        return self.numbers[index]

    def __iter__(self) -> Iterator[int]:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self.numbers)})"


class MeshShape(_Numbers):
    """The rows and columns of a mesh of devices: ``MeshShape(1, 1)`` or ``MeshShape([1, 1])``."""

    __slots__ = ()

    def mesh_size(self) -> int:
        """Return the number of devices."""
        return prod(self.numbers)


class MeshCoordinate(_Numbers):
    """A device's place in a mesh: ``MeshCoordinate(0, 0)`` or ``MeshCoordinate([0, 0])``."""

    __slots__ = ()

    @staticmethod
    def zero_coordinate(dims: int) -> MeshCoordinate:
        """Return the first place of a mesh of so many dimensions."""
        return MeshCoordinate([0] * dims)


@dataclass(frozen=True, slots=True, init=False)
class MeshCoordinateRange:
    """A box of places in a mesh, both ends included: ``(start, end)``, or all places of a shape.

    Raises:
        InvalidArgument: the end lies before the start.
    """

    start: MeshCoordinate
    end: MeshCoordinate

    def __init__(
        self,
        start: MeshCoordinate | MeshShape | None = None,
        end: MeshCoordinate | None = None,
        *,
        shape: MeshShape | None = None,
    ) -> None:
        start = shape if start is None else start
        if isinstance(start, MeshShape):
            start, end = MeshCoordinate([0] * len(start)), MeshCoordinate([extent - 1 for extent in start])
        if start is None:
            raise WrongType("a MeshCoordinateRange is made of (start, end), or of a shape")
        end = start if end is None else end
        if len(start) != len(end) or any(first > last for first, last in zip(start, end, strict=True)):
            raise InvalidArgument(f"no range of a mesh goes from {start} to {end}; swap them")
        object.__setattr__(self, "start", start)
        object.__setattr__(self, "end", end)

    def start_coord(self) -> MeshCoordinate:
        """Return the first place."""
        return self.start

    def end_coord(self) -> MeshCoordinate:
        """Return the last place."""
        return self.end

    def shape(self) -> MeshShape:
        """Return how many places there are along each dimension."""
        return MeshShape([last - first + 1 for first, last in zip(self.start, self.end, strict=True)])

    def contains(self, place: MeshCoordinate | MeshCoordinateRange) -> bool:
        """Whether a place, or every place of a range, lies inside."""
        low, high = (place.start, place.end) if isinstance(place, MeshCoordinateRange) else (place, place)
        return all(
            mine <= first and last <= end
            for mine, first, last, end in zip(self.start, low, high, self.end, strict=True)
        )

    def __contains__(self, place: MeshCoordinate | MeshCoordinateRange) -> bool:
        return self.contains(place)

    def __iter__(self) -> Iterator[MeshCoordinate]:
        spans = (range(first, last + 1) for first, last in zip(self.start, self.end, strict=True))
        return (MeshCoordinate(place) for place in product(*spans))


class MeshCoordinateRangeSet:
    """Ranges of places in a mesh, in the order given."""

    def __init__(self, range: MeshCoordinateRange | Iterable[MeshCoordinateRange] = ()) -> None:
        self._ranges = [range] if isinstance(range, MeshCoordinateRange) else list(range)

    def merge(self, range: MeshCoordinateRange) -> None:
        """Add a range, unless one that is there holds it."""
        if not any(each.contains(range) for each in self._ranges):
            self._ranges.append(range)

    def ranges(self) -> list[MeshCoordinateRange]:
        """Return the ranges."""
        return list(self._ranges)


@dataclass(frozen=True, slots=True)
class MeshDeviceView:
    """What a mesh of one device looks like from this process."""

    def shape(self) -> MeshShape:
        """Return the shape of the mesh."""
        return MeshShape(1, 1)

    def num_devices(self) -> int:
        """Return the number of devices."""
        return 1

    def is_local(self, coord: MeshCoordinate) -> bool:
        """Whether the device at a place belongs to this process: there is one, and it does."""
        return not any(coord)

    def get_local_mesh_coord_range(self) -> MeshCoordinateRange:
        """Return the smallest range with all devices of this process."""
        return MeshCoordinateRange(MeshShape(1, 1))
