"""Holes are found, split and joined as a list that is searched from one end to the other would."""

from __future__ import annotations

import random

import pytest

from tthal_emulator.board.allocator import Region
from tthal_emulator.board.holes import Holes

END = 1 << 20


class Listed:
    """The definition: every hole is looked at."""

    def __init__(self) -> None:
        self.free = [(0, END)]

    def take(self, size: int, lowest: bool) -> int | None:
        fits = [(start, free) for start, free in self.free if free >= size]
        if not fits:
            return None
        start, free = fits[0 if lowest else -1]
        self.free.remove((start, free))
        address = start if lowest else start + free - size
        rest = (start + size if lowest else start, free - size)
        self.free = sorted([*self.free, *([rest] if rest[1] else [])])
        return address

    def give(self, start: int, size: int) -> None:
        joined: list[tuple[int, int]] = []
        for low, free in sorted([*self.free, (start, size)]):
            if joined and sum(joined[-1]) == low:
                joined[-1] = (joined[-1][0], joined[-1][1] + free)
            else:
                joined.append((low, free))
        self.free = joined


@pytest.mark.parametrize("seed", range(6))
def test_any_sequence_takes_the_same_addresses(seed: int) -> None:
    chance = random.Random(seed)
    holes, listed, used = Holes(0, END), Listed(), []
    for step in range(3000):
        if used and chance.random() < (0.35 if step < 2000 else 0.7):
            start, size = used.pop(chance.randrange(len(used)))
            holes.give(start, size)
            listed.give(start, size)
        else:
            size, lowest = chance.choice([32, 64, 96, 1024]), chance.random() < 0.5
            address = holes.take_lowest(size) if lowest else holes.take_highest(size)
            assert address == listed.take(size, lowest)
            if address is not None:
                used.append((address, size))
        if step % 50 == 0:
            assert list(holes) == listed.free
    for start, size in used:
        holes.give(start, size)
    assert list(holes) == [(0, END)]


def test_a_full_memory_has_none() -> None:
    holes = Holes(0, 64)
    assert holes.take_lowest(64) == 0
    assert holes.take_lowest(32) is holes.take_highest(32) is None
    holes.give(0, 64)
    assert list(holes) == [(0, 64)]
    assert list(Holes(64, 64)) == []


def test_many_holes_are_in_groups() -> None:
    """A search of one list from its end took 1.8 ms at 10,000; this looks at groups and at one of them."""
    region = Region(0, 40_000 * 64, 32)
    blocks = [region.allocate(64, bottom_up=True) for _ in range(20_000)]
    for address in blocks[::2]:
        assert address is not None
        region.free(address)
    assert len(region._holes._groups) > 50
    assert max(len(group.starts) for group in region._holes._groups) <= 128
    assert region.lowest_used == 64
    assert region.allocate(128, bottom_up=True) == 20_000 * 64
    assert region.allocate(64, bottom_up=True) == 0
    assert region.lowest_used == 0
