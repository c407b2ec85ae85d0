"""The two grades of FPU arithmetic behind one interface.

Operands are `Source` datums, results DST patterns. ``a`` is what lies in SrcA, ``b`` in SrcB; matrices multiply as
b @ a, because the first factor of a matmul is unpacked to SrcB.
"""

from __future__ import annotations

from typing import Protocol

from tthal.types import MathFidelity
from tthal_emulator.board.tensix_traits import TensixTraits

from . import datum, fast, fpu, integer, matmul
from .datum import U32
from .errors import TensixError, UnsupportedFormat
from .fpu import PHASES, AccumulateMode
from .integer import INTEGER_SOURCES
from .operations import Grade
from .unpack import Source


class Fpu(Protocol):
    """What an instruction sequence needs of the arithmetic."""

    def add(self, a: Source, b: Source, dst: U32 | None = None) -> U32:
        """Return a + b, plus dst if given."""

    def multiply(self, a: Source, b: Source, dst: U32) -> U32:
        """Return dst + a * b, elementwise."""

    def matmul(self, b: Source, a: Source, dst: U32, phases_inside: bool = False) -> U32:
        """Return dst + b @ a for matrices (M, K) and (K, N); K a multiple of 16."""


def negated(source: Source) -> Source:
    """Return the datums with their signs flipped."""
    return source.with_bits(source.bits ^ datum.SRC_SIGN)


def is_integer(a: Source, b: Source, is_32_bit: bool) -> bool:
    """Return whether the operands take the integer path.

    Raises:
        UnsupportedFormat: only one of them is an integer, or DST has 16 bits.
    """
    count = (a.format in INTEGER_SOURCES) + (b.format in INTEGER_SOURCES)
    if count == 0:
        return False
    if count == 1:
        raise UnsupportedFormat(
            f"the FPU cannot combine {a.format.name} with {b.format.name}: integers only go with integers"
        )
    if not is_32_bit:
        raise UnsupportedFormat("8-bit integers need a 32-bit DST; set fp32_dest_acc_en in the ComputeConfig")
    return True


class ExactFpu:
    """The arithmetic of the hardware, bit for bit."""

    def __init__(self, chip: TensixTraits, is_32_bit: bool, fidelity: MathFidelity) -> None:
        quirk = chip.minus_one_quirk
        self._is_32_bit = is_32_bit
        self._fidelity = fidelity
        self._modes = {five: AccumulateMode(is_32_bit, five, quirk) for five in (False, True)}

    def add(self, a: Source, b: Source, dst: U32 | None = None) -> U32:
        """Return a + b, plus dst if given."""
        if is_integer(a, b, self._is_32_bit):
            return integer.add(a.bits, b.bits, dst)
        return fpu.elwadd(a.bits, b.bits, dst, self._modes[a.five_bit_exponent])

    def multiply(self, a: Source, b: Source, dst: U32) -> U32:
        """Return dst + a * b, elementwise, phase by phase."""
        if is_integer(a, b, self._is_32_bit):
            return integer.multiply(a.bits, b.bits, dst, self._fidelity)
        for phase in range(PHASES[self._fidelity]):
            dst = fpu.elwmul(a.bits, b.bits, dst, phase, self._modes[a.five_bit_exponent])
        return dst

    def matmul(self, b: Source, a: Source, dst: U32, phases_inside: bool = False) -> U32:
        """Return dst + b @ a for matrices (M, K) and (K, N); K a multiple of 16."""
        if is_integer(a, b, self._is_32_bit):
            return integer.matmul(b.bits, a.bits, dst, self._fidelity, phases_inside)
        return matmul.matmul(b.bits, a.bits, dst, self._fidelity, self._modes[a.five_bit_exponent], phases_inside)


class FastFpu:
    """Float32 arithmetic in the order that `fast` defines; DST is rounded once per call."""

    def __init__(self, is_32_bit: bool, fidelity: MathFidelity) -> None:
        self._is_32_bit = is_32_bit
        self._fidelity = fidelity

    def add(self, a: Source, b: Source, dst: U32 | None = None) -> U32:
        """Return a + b, plus dst if given."""
        if is_integer(a, b, self._is_32_bit):
            return integer.add(a.bits, b.bits, dst)
        total = fast.add(fast.as_float32(a), fast.as_float32(b), dst)
        return fast.settle(total, self._is_32_bit, a.five_bit_exponent)

    def multiply(self, a: Source, b: Source, dst: U32) -> U32:
        """Return dst + a * b, elementwise."""
        if is_integer(a, b, self._is_32_bit):
            return integer.multiply(a.bits, b.bits, dst, self._fidelity)
        total = fast.multiply_accumulate(fast.as_float32(a), fast.as_float32(b), dst, self._fidelity)
        return fast.settle(total, self._is_32_bit, a.five_bit_exponent)

    def matmul(self, b: Source, a: Source, dst: U32, phases_inside: bool = False) -> U32:
        """Return dst + b @ a for matrices (M, K) and (K, N), k ascending whatever the phases do."""
        if is_integer(a, b, self._is_32_bit):
            return integer.matmul(b.bits, a.bits, dst, self._fidelity, phases_inside)
        total = fast.matmul_accumulate(fast.as_float32(b), fast.as_float32(a), dst, self._fidelity)
        return fast.settle(total, self._is_32_bit, a.five_bit_exponent)


def make_fpu(grade: Grade, chip: TensixTraits, is_32_bit: bool, fidelity: MathFidelity) -> Fpu:
    """Return the arithmetic of a grade for one kernel's configuration."""
    if fidelity not in PHASES:
        names = ", ".join(f.name for f in PHASES)
        raise TensixError(f"MathFidelity {fidelity!r} is not one the FPU has; use one of {names}")
    fidelity = MathFidelity(fidelity)
    return ExactFpu(chip, is_32_bit, fidelity) if grade is Grade.EXACT else FastFpu(is_32_bit, fidelity)
