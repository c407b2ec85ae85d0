"""The exact FPU: integer arithmetic of the matrix unit, instruction by instruction (numerics.md §3).

Every instruction ends in `accumulate`: one or two aligned sums are added to a DST datum and rounded. The functions
here are the readable definition; `matmul` holds a faster form of the matrix product, tested against this one.

Units: exponents are biased as float32's unless DST is float16; a significand of 1.0 is 2^10 in Src, 2^10 in a product
and 2^23 in `accumulate`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tthal.types import MathFidelity

from . import datum
from .datum import I32, U32

PHASES = {MathFidelity.LoFi: 1, MathFidelity.HiFi2: 2, MathFidelity.HiFi3: 3, MathFidelity.HiFi4: 4}
GROUP = 8
"""Lanes whose products are aligned to one exponent before they are added."""
VECTOR = 2 * GROUP
"""Lanes of one matrix instruction."""

_SUM_SHIFT = 13
_NO_EXPONENT = np.int32(-4096)
"""Stands for the exponent of a zero operand: lower than any sum of exponents."""


@dataclass(frozen=True, slots=True)
class AccumulateMode:
    """How results are added to DST.

    Attributes:
        is_32_bit: fp32_dest_acc_en; sums keep 24 bits instead of 8 or 11.
        five_bit_exponent: SrcA holds float16 datums.
        minus_one_quirk: Wormhole's normaliser mistakes a sum of exactly -1 units (numerics.md §3.2, §11.1).
    """

    is_32_bit: bool
    five_bit_exponent: bool = False
    minus_one_quirk: bool = False

    @property
    def dst_is_float16(self) -> bool:
        """Whether DST datums have 5-bit exponents."""
        return self.five_bit_exponent and not self.is_32_bit

    @property
    def kept_bits(self) -> int:
        """Significand bits of a DST datum, the hidden one included."""
        if self.is_32_bit:
            return 24
        return 11 if self.five_bit_exponent else 8

    def product_bias(self, phase: int) -> int:
        """Return what turns the sum of two Src exponents into a product's exponent in a fidelity phase."""
        bias = -datum.FP32_BIAS
        if self.five_bit_exponent:
            bias = datum.FP32_BIAS - 30 if self.is_32_bit else -15
        return bias - (5 if phase & 1 else 0) - (7 if phase & 2 else 0)


class Sum(NamedTuple):
    """A sum of products on its way to DST: signed value with 1.0 = 2^23, and biased exponent; both int32."""

    exponent: I32
    value: I32


def shift_half_up(values: I32, distance: I32 | int) -> I32:
    """Shift right, rounding to nearest with halves toward plus infinity; on magnitudes that is away from zero.

    Values are below 2^30; distances may be any, numpy defines shifts past the width.
    """
    shifted: I32 = (values << 1) >> distance
    shifted += 1
    shifted >>= 1
    return shifted


def accumulate(sums: tuple[Sum, ...], dst: U32, mode: AccumulateMode) -> U32:
    """Add aligned sums to DST datums and round once (numerics.md §3.2); shapes broadcast."""
    dst_exponent, magnitude = _split_dst(dst, mode)
    shared = dst_exponent
    for term in sums:
        shared = np.maximum(shared, term.exponent)
    total = _narrow(shift_half_up(magnitude, shared - dst_exponent), mode)
    np.negative(total, out=total, where=dst >= datum.FP32_SIGN)
    for term in sums:
        total += _narrow(shift_half_up(term.value, shared - term.exponent), mode)
    return normalise(total, shared, mode)


def _split_dst(dst: U32, mode: AccumulateMode) -> tuple[I32, I32]:
    """Return exponents and 24-bit magnitudes; exponent 0 means zero."""
    exponent = ((dst & datum.FP32_EXPONENT) >> np.uint32(datum.FP32_FRACTION_BITS)).view(np.int32)
    magnitude = ((dst & datum.FP32_FRACTION) | datum.FP32_HIDDEN_ONE).view(np.int32)
    if mode.dst_is_float16:
        exponent = np.maximum(exponent - datum.FP16_REBIAS, 0)
    magnitude *= exponent > 0
    return exponent, magnitude


def _narrow(values: I32, mode: AccumulateMode) -> I32:
    """Cut a term to 11 bits before it is added to a 16-bit DST."""
    if mode.is_32_bit:
        return values
    return shift_half_up(values, _SUM_SHIFT) << _SUM_SHIFT


def normalise(total: I32, shared: I32, mode: AccumulateMode) -> U32:
    """Round signed totals at a shared exponent to DST patterns, halves away from zero (numerics.md §3.2 steps 4 to 7).

    A float holds |total| exactly, so its bits give the leading one's place and the rounding position at once. Exponents
    from -23 to 389 can come out; modulo 2^32 those below zero are the patterns from 0xF0000000.
    """
    bits, bias = _leading_bits(total, mode)
    bits += ((shared - np.int32(bias)) << datum.FP32_FRACTION_BITS).view(np.uint32)
    if mode.minus_one_quirk and mode.is_32_bit and (total == -1).any():
        bits = np.where(total == -1, ((shared + 4) << datum.FP32_FRACTION_BITS).view(np.uint32), bits)
    normal = bits - datum.FP32_HIDDEN_ONE < _UNDERFLOW - datum.FP32_HIDDEN_ONE
    normal &= total != 0
    bits = _saturate(bits, mode)
    bits |= total.view(np.uint32) & datum.FP32_SIGN
    bits *= normal
    return bits


_UNDERFLOW = np.uint32(0xF000_0000)


def _leading_bits(total: I32, mode: AccumulateMode) -> tuple[U32, int]:
    """Return |total| rounded, as a float pattern with 23 fraction bits modulo 2^32, and that pattern's exponent bias.

    The bias is such that a total of 2^23 has exponent 0.
    """
    magnitude = np.abs(total)
    if mode.is_32_bit:
        wide = magnitude.astype(np.float64).view(np.int64)
        wide += 1 << 28
        wide >>= 29
        return wide.astype(np.uint32), 1023 + 23
    # Totals of a 16-bit DST are multiples of 2^13 and fit a float32.
    dropped = 24 - mode.kept_bits
    bits = (magnitude >> _SUM_SHIFT).astype(np.float32).view(np.uint32)
    bits += np.uint32(1 << dropped >> 1)
    bits &= np.uint32(0x1_0000_0000 - (1 << dropped))
    return bits, datum.FP32_BIAS + 23 - _SUM_SHIFT


def _saturate(bits: U32, mode: AccumulateMode) -> U32:
    rebias = np.uint32(datum.FP16_REBIAS << datum.FP32_FRACTION_BITS)
    saturated: U32 = np.minimum(bits, datum.FP32_INFINITY)
    if mode.dst_is_float16:
        saturated = np.minimum(bits + rebias, datum.FP16_LARGEST)
    return saturated


# ------------------------------------------------------------------------------------------------ fidelity slices


def slice_a(src: I32, phase: int) -> tuple[I32, I32]:
    """Return exponent and signed slice of SrcA in a phase: the upper 5 significand bits, or the next 5."""
    significand = (src & datum.SRC_FRACTION) | datum.SRC_HIDDEN_ONE
    part = (significand >> 1) & 0x1F if phase & 1 else significand >> 6
    return _signed_slice(src, part)


def slice_b(src: I32, phase: int) -> tuple[I32, I32]:
    """Return exponent and signed slice of SrcB in a phase: the upper 7 significand bits, or the last 4."""
    significand = (src & datum.SRC_FRACTION) | datum.SRC_HIDDEN_ONE
    part = (significand & 0xF) << 3 if phase & 2 else significand >> 4
    return _signed_slice(src, part)


def _signed_slice(src: I32, part: I32) -> tuple[I32, I32]:
    exponent = datum.src_exponent(src)
    zero = exponent == 0
    signed = np.where(src & datum.SRC_SIGN != 0, -part, part)
    return np.where(zero, _NO_EXPONENT, exponent), np.where(zero, np.int32(0), signed)


# ------------------------------------------------------------------------------------------------ instructions


def elwadd(a: I32, b: I32, dst: U32 | None, mode: AccumulateMode) -> U32:
    """Return a + b, plus dst if given; b of ELWSUB comes with its sign flipped (numerics.md §3.5)."""
    a, b = np.broadcast_arrays(_flush(a), _flush(b))
    swap = (a & datum.SRC_MAGNITUDE) < (b & datum.SRC_MAGNITUDE)
    larger, smaller = np.where(swap, b, a), np.where(swap, a, b)
    exponent = datum.src_exponent(larger)
    aligned = shift_half_up(_significand(smaller), exponent - datum.src_exponent(smaller))
    value = _with_sign(_significand(larger), larger) + _with_sign(aligned, smaller)
    if mode.five_bit_exponent and mode.is_32_bit:
        exponent = np.where(exponent > 0, exponent + datum.FP16_REBIAS, datum.FP32_BIAS - 30)
    start = np.zeros(exponent.shape, np.uint32) if dst is None else dst
    return accumulate((Sum(exponent, value << _SUM_SHIFT),), start, mode)


def _flush(src: I32) -> I32:
    return np.where(src & datum.SRC_EXPONENT == 0, np.int32(0), src)


def _significand(src: I32) -> I32:
    return np.where(src != 0, (src & datum.SRC_FRACTION) | datum.SRC_HIDDEN_ONE, 0)


def _with_sign(magnitude: I32, src: I32) -> I32:
    return np.where(src & datum.SRC_SIGN != 0, -magnitude, magnitude)


def elwmul(a: I32, b: I32, dst: U32, phase: int, mode: AccumulateMode) -> U32:
    """Return dst + a * b of one fidelity phase (numerics.md §3.4)."""
    exponent_a, part_a = slice_a(a, phase)
    exponent_b, part_b = slice_b(b, phase)
    bias = mode.product_bias(phase)
    exponent = exponent_a + exponent_b + np.int32(bias)
    empty = exponent <= 0
    value = np.where(empty, 0, (part_a * part_b) << _SUM_SHIFT)
    return accumulate((Sum(np.where(empty, max(bias, 0), exponent), value),), dst, mode)


def group_sum(b: I32, a: I32, phase: int, mode: AccumulateMode) -> Sum:
    """Return the aligned sum over 8 lanes: b (.., R, 8), a (.., 8, C) -> (.., R, C) (numerics.md §3.3).

    Every product is rounded, halves away from zero, to 2^-10 of the largest exponent's unit before adding.
    """
    exponent_a, part_a = slice_a(a, phase)
    exponent_b, part_b = slice_b(b, phase)
    bias = mode.product_bias(phase)
    exponents = exponent_b[..., :, :, None] + exponent_a[..., None, :, :] + np.int32(bias)
    products = part_b[..., :, :, None] * part_a[..., None, :, :]
    shared = np.maximum(exponents.max(axis=-2), max(bias, 0))
    rounded = shift_half_up(np.abs(products), shared[..., None, :] - exponents)
    value = np.where(products < 0, -rounded, rounded).sum(axis=-2, dtype=np.int32)
    live = shared > 0
    return Sum(np.where(live, shared, 0), np.where(live, value << _SUM_SHIFT, 0))


def mvmul(b: I32, a: I32, dst: U32, phase: int, mode: AccumulateMode) -> U32:
    """Return dst + b @ a over 16 lanes in one phase; b (.., R, 16), a (.., 16, C) (numerics.md §3.3)."""
    low = group_sum(b[..., :GROUP], a[..., :GROUP, :], phase, mode)
    high = group_sum(b[..., GROUP:], a[..., GROUP:, :], phase, mode)
    return accumulate((low, high), dst, mode)


def steps(lanes: int, phases: int, phases_inside: bool) -> list[tuple[int, slice]]:
    """Return the order of matrix instructions over k: (phase, lanes), phases outside unless ``phases_inside``."""
    parts = [slice(k, k + VECTOR) for k in range(0, lanes, VECTOR)]
    if phases_inside:
        return [(phase, part) for part in parts for phase in range(phases)]
    return [(phase, part) for phase in range(phases) for part in parts]


def matmul_definition(
    b: I32, a: I32, dst: U32, fidelity: MathFidelity, mode: AccumulateMode, phases_inside: bool = False
) -> U32:
    """Return dst + b @ a over any multiple of 16 lanes, instruction by instruction."""
    for phase, lanes in steps(b.shape[-1], PHASES[fidelity], phases_inside):
        dst = mvmul(b[..., lanes], a[..., lanes, :], dst, phase, mode)
    return dst
