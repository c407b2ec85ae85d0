"""Data movement between the register files: the instructions that copy datums without computing.

These are the same in both grades.
"""

from __future__ import annotations

import numpy as np

from tthal.types import DataFormat

from . import datum, integer
from .datum import U32
from .integer import INTEGER_SOURCES
from .unpack import Source


def straight(source: Source) -> U32:
    """Return the DST patterns of Src datums moved as they are (MOVA2D, zero flag disabled; numerics.md §4.7)."""
    if source.format is DataFormat.UInt16:
        result: U32 = source.bits.view(np.uint32) << np.uint32(16)
        return result
    return datum.fp32_from_src(source.bits, source.five_bit_exponent)


def flushed(source: Source) -> U32:
    """Return the DST patterns of Src datums moved with the zero flag enabled: exponent 0 becomes +0."""
    bits = straight(source)
    return bits if source.format is DataFormat.UInt16 else datum.flush_denormals(bits)


def through_adder(source: Source) -> U32:
    """Return the DST patterns of Src datums plus zero (ELWADD): denormals and -0 become +0, NaN an infinity."""
    if source.format in INTEGER_SOURCES:
        return integer.encode(integer.values(source.bits))
    bits = flushed(source)
    special = bits & datum.FP32_EXPONENT == datum.FP32_EXPONENT
    return np.where(special, bits & ~datum.FP32_FRACTION, bits)


def source_from_dst(bits: U32, register: DataFormat, wide: bool, is_32_bit: bool) -> Source:
    """Truncate DST patterns to Src datums of a register format; ``wide`` keeps TF32's 10 fraction bits.

    A 32-bit DST holds float32 whatever the register's format, and its upper half goes to a float16 register as it is
    (numerics.md §4.8): 1.0 arrives as 65728.
    """
    if register in INTEGER_SOURCES:
        return Source(integer.src_from_dst(bits), register)
    kept = Source(datum.src_from_fp32(bits & (datum.TF32_MASK if wide else datum.BF16_MASK)), register)
    if not kept.five_bit_exponent:
        return kept
    return kept.with_bits((datum.src_float16_from_upper_half if is_32_bit else datum.src_float16_from_fp32)(bits))
