"""The choices a compute kernel makes, as enumerations."""

from __future__ import annotations

from enum import Enum

from tthal_emulator.abi import BinaryOperation, Broadcast, Dimension, Pool, ReuseDest

__all__ = ["BinaryOperation", "Broadcast", "Dimension", "Follow", "Grade", "Pool", "ReuseDest"]


class Grade(Enum):
    """How close the arithmetic is to the hardware's."""

    EXACT = "exact"
    FAST = "fast"


class Follow(Enum):
    """Whose bytes the exact grade gives where reports from chips contradict the bit-exact simulators."""

    SILICON = "silicon"
    SIMULATOR = "simulator"
