"""Which compute core holds which L1 bank: the vendor shuffles the banks with the C++ standard library.

The order is ``std::shuffle`` of 0..n-1 with ``std::default_random_engine(0)`` as libstdc++ implements them
(host-api.md §4): the engine is minstd_rand0, and the shuffle draws two positions from one random number.
"""

from __future__ import annotations

_MULTIPLIER = 16807
_MODULUS = 2**31 - 1
_ENGINE_RANGE = _MODULUS - 2
"""Largest minus smallest value of the engine, 1 to 2**31 - 2."""


class _MinimalStandardEngine:
    """std::minstd_rand0; a seed of 0 counts as 1."""

    def __init__(self) -> None:
        self._state = 1

    def below(self, count: int) -> int:
        """Draw from 0..count-1 as ``std::uniform_int_distribution`` does: scale down, reject the remainder."""
        scale = _ENGINE_RANGE // count
        while True:
            self._state = self._state * _MULTIPLIER % _MODULUS
            value = self._state - 1
            if value < scale * count:
                return value // scale


def shuffled_banks(count: int) -> list[int]:
    """Return the bank that each core gets, cores in row-major order."""
    engine = _MinimalStandardEngine()
    banks = list(range(count))

    def swap(first: int, second: int) -> None:
        banks[first], banks[second] = banks[second], banks[first]

    index = 1
    if count and count % 2 == 0:
        swap(index, engine.below(2))
        index += 1
    while index < count:
        # One number serves two positions: 0..index and 0..index+1.
        first, second = divmod(engine.below((index + 1) * (index + 2)), index + 2)
        swap(index, first)
        swap(index + 1, second)
        index += 2
    return banks


def cores_of_banks(count: int) -> list[int]:
    """Return the core, counted row-major, that holds each bank."""
    cores = [0] * count
    for core, bank in enumerate(shuffled_banks(count)):
        cores[bank] = core
    return cores
