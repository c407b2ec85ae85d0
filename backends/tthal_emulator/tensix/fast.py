"""The ``fast`` grade: the FPU in float32 arithmetic with a fixed order, so that SIMD code can equal it bit for bit.

The definition, complete:

1. Operands are the unpacker's datums widened to float32; a datum with exponent 0 is +0.
2. Fidelity truncates significands toward zero (fractions kept, hidden one not counted; SrcA = in1 of a matmul, CB0 of
   an elementwise operation; SrcB the other): LoFi A 4 x B 6; HiFi2 A 9 x B 6; HiFi3 A 9 x B 6 + A 4 x (B - B 6);
   HiFi4 A 9 x B 10. ``B - B 6`` of a B that is not finite is +0.
3. Sums start from the present DST value and run over k ascending: ``acc = fl(acc + fl(a * b))``, for HiFi3 twice per k
   in the order given. Every product is exact in float32 unless it under- or overflows, so a fused multiply-add gives
   the same bits.
4. add and sub are ``fl(a + b)`` and ``fl(a - b)`` of untruncated operands; accumulating, ``fl(dst + fl(a + b))``.
5. When a tile call ends its results are *settled*, in this order: NaN becomes 0x7FC00000, exponent 0 becomes +0, and a
   16-bit DST rounds to bfloat16 with halves away from zero (``(bits + 0x8000) & 0xFFFF0000``). A Float16 operand in
   SrcA makes DST float16 instead: the magnitude is rounded to 10 fraction bits, is at most 131008, and below 2^-14
   becomes +0.

Float32 means IEEE 754 binary32, to nearest even, gradual underflow.
"""

from __future__ import annotations

import numpy as np

from tthal.types import MathFidelity

from . import datum
from .datum import F32, U32
from .pack import round_half_away
from .unpack import Source


def fraction_mask(kept: int) -> np.uint32:
    """Return the mask that keeps sign, exponent and the upper ``kept`` of 23 fraction bits."""
    result: np.uint32 = np.uint32(0x1_0000_0000 - (1 << (datum.FP32_FRACTION_BITS - kept)))
    return result


_CACHED_PRODUCTS = 1 << 16
"""Products held at once, so that they stay in the second-level cache."""

A_HIGH, A_FULL = fraction_mask(4), fraction_mask(9)
B_HIGH, B_FULL = fraction_mask(6), fraction_mask(10)


def as_float32(source: Source) -> F32:
    """Return the datums as float32 values, denormals as +0 (rule 1)."""
    bits = datum.fp32_from_src(source.bits, source.five_bit_exponent)
    return datum.flush_denormals(bits).view(np.float32)


def fidelity_factors(a: F32, b: F32, fidelity: MathFidelity) -> list[tuple[F32, F32]]:
    """Return the pairs (truncated SrcA, truncated SrcB) whose products are added, in order (rule 2)."""
    if fidelity is MathFidelity.LoFi:
        return [(_keep(a, A_HIGH), _keep(b, B_HIGH))]
    if fidelity is MathFidelity.HiFi2:
        return [(_keep(a, A_FULL), _keep(b, B_HIGH))]
    if fidelity is MathFidelity.HiFi3:
        high = _keep(b, B_HIGH)
        low = np.where(np.isfinite(b), b, np.float32(0)) - np.where(np.isfinite(b), high, np.float32(0))
        return [(_keep(a, A_FULL), high), (_keep(a, A_HIGH), low)]
    return [(_keep(a, A_FULL), _keep(b, B_FULL))]


def _keep(values: F32, mask: np.uint32) -> F32:
    return (values.view(np.uint32) & mask).view(np.float32)


@np.errstate(all="ignore")
def multiply_accumulate(a: F32, b: F32, dst: U32, fidelity: MathFidelity) -> F32:
    """Return dst + a * b elementwise (rules 2 and 3); shapes broadcast, not settled."""
    total = dst.view(np.float32)
    for left, right in fidelity_factors(a, b, fidelity):
        total = total + left * right
    return total


@np.errstate(all="ignore")
def matmul_accumulate(b: F32, a: F32, dst: U32, fidelity: MathFidelity) -> F32:
    """Return dst + b @ a, k ascending (rules 2 and 3); b (M, K), a (K, N), dst (M, N), not settled."""
    total: F32 = dst.view(np.float32).copy()
    factors = [(np.ascontiguousarray(right.T), left) for left, right in fidelity_factors(a, b, fidelity)]
    lanes_at_once = max(1, _CACHED_PRODUCTS // total.size)
    for start in range(0, b.shape[1], lanes_at_once):
        lanes = slice(start, start + lanes_at_once)
        products = [column[lanes, :, None] * row[lanes, None, :] for column, row in factors]
        # One addition per product and k: numpy's own sums choose an order of their own.
        for terms in zip(*products, strict=True):
            for term in terms:
                total += term
    return total


@np.errstate(all="ignore")
def add(a: F32, b: F32, dst: U32 | None = None) -> F32:
    """Return a + b, plus dst when accumulating (rule 4); not settled."""
    total = a + b
    return total if dst is None else dst.view(np.float32) + total


def settle(values: F32, is_32_bit: bool, five_bit_exponent: bool = False) -> U32:
    """Return the DST patterns of results (rule 5)."""
    bits = np.where(np.isnan(values), datum.FP32_QUIET_NAN, values.view(np.uint32))
    bits = datum.flush_denormals(bits)
    if is_32_bit:
        return bits
    return _settle_fp16(bits) if five_bit_exponent else round_half_away(bits, 16)


def _settle_fp16(bits: U32) -> U32:
    sign, magnitude = bits & datum.FP32_SIGN, bits & datum.FP32_MAGNITUDE
    magnitude = np.minimum(round_half_away(magnitude, 13), datum.FP16_LARGEST)
    result: U32 = np.where(magnitude < datum.FP16_SMALLEST_NORMAL, np.uint32(0), sign | magnitude)
    return result
