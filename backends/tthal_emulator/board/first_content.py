"""What memory holds before anybody writes to it: a card's is neither zero nor the same every time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Content = Callable[[int], Bytes]
"""Gives so many bytes."""

POISON = 0xFFBAFFBA
"""NaN as float32, and as two of bfloat16 or float16."""


def poison(size: int) -> Bytes:
    """Return ``size`` bytes of :data:`POISON`."""
    return np.full(-(-size // 4), POISON, np.uint32).view(np.uint8)[:size]


def random_bytes(seed: int) -> Content:
    """Return a source of bytes that gives the same ones for the same seed."""
    chance = np.random.default_rng(seed)
    return lambda size: np.frombuffer(chance.bytes(size), np.uint8)


def fill_l1(cores: Sequence[Bytes] | Bytes, base: int, content: Content) -> None:
    """Fill every core's L1 from ``base`` on."""
    for memory in cores:
        memory[base:] = content(len(memory) - base)
