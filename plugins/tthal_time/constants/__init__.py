"""The constants of the model: one table per chip, every figure with its unit and its source."""

from __future__ import annotations

from tthal.types import Arch

from .blackhole import BLACKHOLE
from .figures import Chip, Figure
from .wormhole_b0 import WORMHOLE_B0

CHIPS = {Arch.WORMHOLE_B0: WORMHOLE_B0, Arch.BLACKHOLE: BLACKHOLE}

__all__ = ["BLACKHOLE", "CHIPS", "WORMHOLE_B0", "Chip", "Figure"]
