"""The free ranges of a memory by address, in groups that know their largest, so that none is looked at in vain.

With n holes, finding the first or last that is large enough, taking from it and giving back cost about √n steps.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

_MOST = 128
"""Holes of a group; a fuller one becomes two. Best for some 10,000 holes."""


class _Group:
    """Neighbouring holes: where they start, their sizes, and the largest of these."""

    __slots__ = ("largest", "sizes", "starts")

    def __init__(self, starts: list[int], sizes: list[int]) -> None:
        self.starts = starts
        self.sizes = sizes
        self.largest = max(sizes)

    def set(self, place: int, start: int, size: int) -> None:
        former, self.starts[place], self.sizes[place] = self.sizes[place], start, size
        if size >= self.largest:
            self.largest = size
        elif former == self.largest:
            self.largest = max(self.sizes)

    def insert(self, place: int, start: int, size: int) -> None:
        self.starts.insert(place, start)
        self.sizes.insert(place, size)
        self.largest = max(self.largest, size)

    def remove(self, place: int) -> None:
        del self.starts[place]
        if self.sizes.pop(place) == self.largest:
            self.largest = max(self.sizes, default=0)

    def halves(self) -> list[_Group]:
        middle = len(self.starts) // 2
        return [_Group(self.starts[part], self.sizes[part]) for part in (slice(middle), slice(middle, None))]


class Holes:
    """Free ranges that neither overlap nor touch, at first one from ``base`` to ``end``."""

    def __init__(self, base: int, end: int) -> None:
        self._groups = [_Group([base], [end - base])] if end > base else []
        self._firsts = [group.starts[0] for group in self._groups]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Walk start and size of each, by address."""
        for group in self._groups:
            yield from zip(group.starts, group.sizes, strict=True)

    def take_lowest(self, size: int) -> int | None:
        """Take the begin of the first hole that is large enough; return its address."""
        for number, group in enumerate(self._groups):
            if group.largest >= size:
                place = next(place for place, free in enumerate(group.sizes) if free >= size)
                start = group.starts[place]
                self._shrink(number, place, start + size, group.sizes[place] - size)
                return start
        return None

    def take_highest(self, size: int) -> int | None:
        """Take the end of the last hole that is large enough; return its address."""
        for number in range(len(self._groups) - 1, -1, -1):
            group = self._groups[number]
            if group.largest >= size:
                place = next(place for place in range(len(group.sizes) - 1, -1, -1) if group.sizes[place] >= size)
                start, left = group.starts[place], group.sizes[place] - size
                self._shrink(number, place, start, left)
                return start + left
        return None

    def give(self, start: int, size: int) -> None:
        """Add a range, joined with the holes that it touches."""
        number = max(bisect_right(self._firsts, start) - 1, 0)
        if not self._groups:
            self._groups, self._firsts = [_Group([start], [size])], [start]
            return
        group = self._groups[number]
        place = bisect_right(group.starts, start)
        after = (number, place) if place < len(group.starts) else (number + 1, 0)
        if after[0] < len(self._groups) and self._groups[after[0]].starts[after[1]] == start + size:
            size += self._groups[after[0]].sizes[after[1]]
            self._remove(*after)
            if number >= len(self._groups) or self._groups[number] is not group:
                return self.give(start, size)  # that was a group's only hole
        if place and group.starts[place - 1] + group.sizes[place - 1] == start:
            group.set(place - 1, group.starts[place - 1], group.sizes[place - 1] + size)
            return None
        group.insert(place, start, size)
        self._firsts[number] = group.starts[0]
        if len(group.starts) > _MOST:
            self._groups[number : number + 1] = halves = group.halves()
            self._firsts[number : number + 1] = [half.starts[0] for half in halves]
        return None

    def _shrink(self, number: int, place: int, start: int, size: int) -> None:
        if size == 0:
            return self._remove(number, place)
        self._groups[number].set(place, start, size)
        self._firsts[number] = self._groups[number].starts[0]
        return None

    def _remove(self, number: int, place: int) -> None:
        group = self._groups[number]
        group.remove(place)
        if group.starts:
            self._firsts[number] = group.starts[0]
        else:
            del self._groups[number], self._firsts[number]
