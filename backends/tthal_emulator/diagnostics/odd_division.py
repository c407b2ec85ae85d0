"""Integer divisions that have no quotient, in words."""

from __future__ import annotations

from tthal.errors import SourceLocation
from tthal_emulator.abi import OddDivision

from .states import where
from .view import KernelView


def odd_division(kernel: KernelView, what: int, location: SourceLocation | None) -> str:
    """Say where a kernel divided so, and what it goes on with; ``what`` is an OddDivision."""
    meaning = next((each.meaning for each in OddDivision if each == what), "an odd integer division")
    return f"{where(kernel)}{f' at {location}' if location else ''}: {meaning}"
