"""Bit layouts of datums in the registers, one table (numerics.md, notation and §2).

A *Src datum* is 19 bits in an int32: sign 18, exponent 17..10, fraction 9..0. With a 5-bit exponent (Float16, Lf8 and
the block floats without ``_b``) the exponent sits in bits 14..10 and 17..15 are zero.
A *DST datum* is a float32 pattern in a uint32, whatever the DST mode: a 16-bit DST holds a bfloat16 in the upper half,
or a float16 widened to float32. Integers sit as raw bits: UInt16 in the upper half, 32-bit integers whole.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]

FP32_SIGN = np.uint32(0x8000_0000)
FP32_EXPONENT = np.uint32(0x7F80_0000)
FP32_FRACTION = np.uint32(0x007F_FFFF)
FP32_MAGNITUDE = np.uint32(0x7FFF_FFFF)
FP32_HIDDEN_ONE = np.uint32(0x0080_0000)
FP32_INFINITY = np.uint32(0x7F80_0000)
FP32_QUIET_NAN = np.uint32(0x7FC0_0000)
FP32_FRACTION_BITS = 23
FP32_BIAS = 127

SRC_SIGN_SHIFT = 18
SRC_EXPONENT_SHIFT = 10
SRC_SIGN = np.int32(1 << 18)
SRC_MAGNITUDE = np.int32((1 << 18) - 1)
SRC_EXPONENT = np.int32(0xFF << 10)
SRC_FRACTION = np.int32(0x3FF)
SRC_HIDDEN_ONE = np.int32(0x400)
SRC_TO_FP32_SHIFT = 13
"""A Src datum with an 8-bit exponent is the upper 19 bits of its float32 pattern."""

FP16_REBIAS = 112
"""Difference between the exponent biases of float32 and float16."""
FP16_MAX_EXPONENT = 31
FP16_LARGEST = np.uint32(0x47FF_E000)
"""The largest magnitude of a 5-bit exponent datum, 131008, as float32: exponent 31 is an ordinary one."""
FP16_SMALLEST_NORMAL = np.uint32((1 + FP16_REBIAS) << FP32_FRACTION_BITS)

BF16_MASK = np.uint32(0xFFFF_0000)
TF32_MASK = np.uint32(0xFFFF_E000)


def src_exponent(src: I32) -> I32:
    """Return the biased exponents of Src datums."""
    exponent: I32 = (src & SRC_EXPONENT) >> SRC_EXPONENT_SHIFT
    return exponent


def src_from_fp32(bits: U32) -> I32:
    """Truncate float32 patterns to Src datums with 8-bit exponents."""
    result: I32 = (bits >> np.uint32(SRC_TO_FP32_SHIFT)).view(np.int32)
    return result


def fp32_from_src(src: I32, five_bit_exponent: bool = False) -> U32:
    """Widen Src datums to float32 patterns; float16 denormals become +0."""
    if not five_bit_exponent:
        return (src << SRC_TO_FP32_SHIFT).view(np.uint32)
    wide = (src & SRC_SIGN) | ((src & np.int32(0x7FFF)) + np.int32(FP16_REBIAS << SRC_EXPONENT_SHIFT))
    wide = np.where(src_exponent(src) == 0, np.int32(0), wide)
    result: U32 = (wide << SRC_TO_FP32_SHIFT).view(np.uint32)
    return result


def flush_denormals(bits: U32) -> U32:
    """Replace float32 patterns of exponent 0, signed zeros included, by +0."""
    return np.where(bits & FP32_EXPONENT == 0, np.uint32(0), bits)


def src_float16_from_fp32(bits: U32) -> I32:
    """Truncate float32 patterns in float16's range to Src datums with 5-bit exponents; smaller ones become +0."""
    exponent = ((bits & FP32_EXPONENT) >> np.uint32(FP32_FRACTION_BITS)).astype(np.int32) - FP16_REBIAS
    fraction = ((bits & FP32_FRACTION) >> np.uint32(SRC_TO_FP32_SHIFT)).astype(np.int32)
    sign = np.where(bits >= FP32_SIGN, SRC_SIGN, np.int32(0))
    magnitude = (np.minimum(exponent, FP16_MAX_EXPONENT) << SRC_EXPONENT_SHIFT) | fraction
    result: I32 = np.where(exponent <= 0, np.int32(0), sign | magnitude)
    return result


def src_float16_from_upper_half(bits: U32) -> I32:
    """Read the upper halves of float32 patterns in DST as float16: a fraction of 7 and 3 bits of exponent, then 5.

    DST orders its bits sign, fraction, exponent (MOVD2A and Dst of the ISA documentation).
    """
    src = src_from_fp32(bits & BF16_MASK)
    exponent = src_exponent(src)
    fraction = (src & np.int32(0x3F8)) | (exponent >> 5)
    result: I32 = (src & SRC_SIGN) | ((exponent & 31) << SRC_EXPONENT_SHIFT) | fraction
    return result


def float16_patterns(values: U32) -> I32:
    """Narrow float32 patterns to float16 bits: exponents saturate, fractions are truncated (numerics.md §1.4, §5.7).

    Exponent 0 of the narrow format is not flushed; below it only the sign is left.
    """
    sign = (values >> np.uint32(16)).astype(np.int32) & 0x8000
    exponent = ((values & FP32_EXPONENT) >> np.uint32(FP32_FRACTION_BITS)).astype(np.int32)
    exponent -= FP16_REBIAS
    fraction = ((values & FP32_FRACTION) >> np.uint32(13)).astype(np.int32)
    magnitude = np.where(exponent > FP16_MAX_EXPONENT, 0x7FFF, (exponent << 10) | fraction)
    narrow: I32 = sign | np.where(exponent < 0, 0, magnitude)
    return narrow
