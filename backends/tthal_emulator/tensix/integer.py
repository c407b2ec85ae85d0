"""The FPU's integer path: Int8 and UInt8 operands, Int32 sums in a 32-bit DST (numerics.md §1.9, §3.7).

A Src datum holds up to 10 bits of magnitude where a float has its fraction, and exponent 16 unless it is zero. A DST
datum is sign and 31 bits of magnitude. Both grades use this path; it has no rounding.
"""

from __future__ import annotations

import numpy as np

from tthal.types import DataFormat, MathFidelity

from . import datum
from .datum import I32, I64, U32
from .fpu import PHASES, steps

INTEGER_SOURCES = frozenset({DataFormat.Int8, DataFormat.UInt8})

_EXPONENT = np.int32(16 << datum.SRC_EXPONENT_SHIFT)
_LARGEST = 0x7FFF_FFFF
_SLICES_A = (np.int32(0xE0), np.int32(0x1F))
_SLICES_B = (np.int32(0x3F0), np.int32(0x00F))


def src_from_bytes(codes: I32, signed: bool) -> I32:
    """Return the Src datums of bytes; a signed byte is sign and 7 bits of magnitude, and 0x80 is zero."""
    sign = codes >> 7 if signed else np.int32(0)
    magnitude = codes & (0x7F if signed else 0xFF)
    src: I32 = (sign << datum.SRC_SIGN_SHIFT) | magnitude | np.where(magnitude > 0, _EXPONENT, 0)
    return src


def values(src: I32, mask: np.int32 = datum.SRC_FRACTION) -> I64:
    """Return the signed values of Src datums, restricted to some magnitude bits; exponent 0 is zero."""
    magnitude = np.where(src & datum.SRC_EXPONENT == 0, 0, src & mask).astype(np.int64)
    return np.where(src & datum.SRC_SIGN != 0, -magnitude, magnitude)


def decode(dst: U32) -> I64:
    """Return the values of sign-magnitude DST datums."""
    magnitude = (dst & datum.FP32_MAGNITUDE).astype(np.int64)
    result: I64 = np.where(dst >= datum.FP32_SIGN, -magnitude, magnitude)
    return result


def encode(numbers: I64) -> U32:
    """Return sign-magnitude DST datums; sums saturate at +-(2^31 - 1)."""
    bounded = np.clip(numbers, -_LARGEST, _LARGEST)
    result: U32 = np.abs(bounded).astype(np.uint32) | np.where(bounded < 0, datum.FP32_SIGN, np.uint32(0))
    return result


def add(a: I32, b: I32, dst: U32 | None) -> U32:
    """Return a + b, plus dst if given; b of a subtraction comes with its sign flipped."""
    total = values(a) + values(b)
    return encode(total if dst is None else decode(dst) + total)


def multiply(a: I32, b: I32, dst: U32, fidelity: MathFidelity) -> U32:
    """Return dst + a * b over the phases of a fidelity; all four are needed for a full product."""
    for phase in range(PHASES[fidelity]):
        product = values(a, _SLICES_A[phase & 1]) * values(b, _SLICES_B[phase >> 1])
        dst = encode(decode(dst) + product)
    return dst


def matmul(b: I32, a: I32, dst: U32, fidelity: MathFidelity, phases_inside: bool = False) -> U32:
    """Return dst + b @ a, saturating after every 16 lanes; b (.., R, K), a (.., K, C)."""
    for phase, lanes in steps(b.shape[-1], PHASES[fidelity], phases_inside):
        left = values(b[..., lanes], _SLICES_B[phase >> 1])
        right = values(a[..., lanes, :], _SLICES_A[phase & 1])
        dst = encode(decode(dst) + left @ right)
    return dst


def src_from_dst(dst: U32) -> I32:
    """Return DST integers as Src datums of 8 magnitude bits, as the move from DST does after a saturating cast."""
    numbers = np.clip(decode(dst), -0xFF, 0xFF)
    magnitude = np.abs(numbers).astype(np.int32)
    sign = np.where(numbers < 0, datum.SRC_SIGN, np.int32(0))
    src: I32 = sign | magnitude | np.where(magnitude > 0, _EXPONENT, np.int32(0))
    return src
