"""The exact matrix product, arranged for speed: the same bits as `fpu.matmul_definition` at a fraction of its time.

Three ideas (numerics.md §8.1). Group exponents are a max-plus product of small integers, done once for all fidelity
phases. Rounding each product to its group's unit is a float32 addition of 1.5 * 2^23 units, whose integer view then
counts units, so eight lanes are added as integers; a factor of 1 + 2^-13 first moves ties away from zero, which is
exact enough because a product has at most 12 bits. Temporaries stay in the second-level cache.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tthal.types import MathFidelity

from . import datum, fpu
from .datum import F32, I32, U32
from .fpu import GROUP, PHASES, AccumulateMode, Sum

I16 = npt.NDArray[np.int16]

_TIE_BREAKER = np.float32(1 + 2**-13)
_WIDEST_SPREAD = 100
"""Exponent spread of nonzero operands up to which every scaled float32 below is normal."""
_HEADROOM = 40
_ABSENT = np.int16(-4096)
_CACHED_ELEMENTS = 1 << 16


def matmul(b: I32, a: I32, dst: U32, fidelity: MathFidelity, mode: AccumulateMode, phases_inside: bool = False) -> U32:
    """Return dst + b @ a for matrices b (M, K) in SrcB, a (K, N) in SrcA, dst (M, N); K a multiple of 16."""
    scale_a, scale_b = _scale(a), _scale(b)
    if scale_a is None or scale_b is None:
        return fpu.matmul_definition(b, a, dst, fidelity, mode, phases_inside)
    phases = PHASES[fidelity]
    sums = _GroupSums(b, a, scale_b, scale_a, phases)
    for phase, lanes in fpu.steps(b.shape[1], phases, phases_inside):
        first = lanes.start // GROUP
        terms = tuple(sums.term(group, phase, mode) for group in (first, first + 1))
        dst = fpu.accumulate(terms, dst, mode)
    return dst


def _scale(src: I32) -> int | None:
    """Return the exponent that scaled operands are relative to, or None when they spread too far for float32."""
    exponents = datum.src_exponent(src)
    present = exponents[exponents > 0]
    if present.size == 0:
        return datum.FP32_BIAS
    highest = int(present.max())
    if highest - int(present.min()) > _WIDEST_SPREAD:
        return None
    return highest - _HEADROOM


@dataclass(slots=True)
class _Side:
    """One operand as groups of 8 lanes: exponents, and per phase parity the scaled float32 slices."""

    exponents: I16
    slices: dict[int, F32]


def _side_a(a: I32, scale: int, phases: int) -> _Side:
    shape = (a.shape[0] // GROUP, GROUP, a.shape[1])
    parts = {p: _scaled(a, fpu.slice_a(a, p)[1], scale) * _TIE_BREAKER for p in ((0, 1) if phases > 1 else (0,))}
    return _Side(_exponents(a).reshape(shape), {p: v.reshape(shape) for p, v in parts.items()})


def _side_b(b: I32, scale: int, phases: int) -> _Side:
    lanes_first = np.ascontiguousarray(b.T)
    shape = (b.shape[1] // GROUP, GROUP, b.shape[0])
    used = (0, 2) if phases > 2 else (0,)
    parts = {p: _scaled(lanes_first, fpu.slice_b(lanes_first, p)[1], scale) for p in used}
    return _Side(_exponents(lanes_first).reshape(shape), {p: v.reshape(shape) for p, v in parts.items()})


def _exponents(src: I32) -> I16:
    exponents = datum.src_exponent(src).astype(np.int16)
    exponents[exponents == 0] = _ABSENT
    return exponents


def _scaled(src: I32, signed_slice: I32, scale: int) -> F32:
    result: F32 = np.ldexp(signed_slice.astype(np.float32), datum.src_exponent(src) - np.int32(scale))
    return result


class _GroupSums:
    """The sums over groups of 8 lanes of all phases, in units of 2^-10 of each group's exponent."""

    def __init__(self, b: I32, a: I32, scale_b: int, scale_a: int, phases: int) -> None:
        rows, columns, groups = b.shape[0], a.shape[1], b.shape[1] // GROUP
        side_b, side_a = _side_b(b, scale_b, phases), _side_a(a, scale_a, phases)
        self._scale = scale_a + scale_b
        self._exponents = np.empty((groups, rows, columns), np.int16)
        self._values = [np.empty((groups, rows, columns), np.int32) for _ in range(phases)]
        block = max(1, min(rows, _CACHED_ELEMENTS // (GROUP * columns)))
        self._exponent_room = np.empty((GROUP, block, columns), np.int16)
        self._product_room = np.empty((GROUP, block, columns), np.float32)
        for group in range(groups):
            for start in range(0, rows, block):
                self._fill(side_b, side_a, group, slice(start, min(start + block, rows)))

    def _fill(self, side_b: _Side, side_a: _Side, group: int, rows: slice) -> None:
        exponents = self._exponent_room[:, : rows.stop - rows.start]
        products = self._product_room[:, : rows.stop - rows.start]
        np.add(side_b.exponents[group][:, rows, None], side_a.exponents[group][:, None, :], out=exponents)
        shared = exponents.max(axis=0)
        self._exponents[group, rows] = shared
        magic = self._magic(shared)
        offset = magic.view(np.int32) << 3  # eight lanes each add the constant's own bits; wraps like the sum
        for phase, values in enumerate(self._values):
            left, right = side_b.slices[phase & 2][group], side_a.slices[phase & 1][group]
            np.multiply(left[:, rows, None], right[:, None, :], out=products)
            products += magic
            values[group, rows] = np.add.reduce(products.view(np.int32), axis=0, dtype=np.int32) - offset

    def _magic(self, shared: I16) -> F32:
        """Return 1.5 * 2^23 units of each group, a unit being one in the last place of the largest product."""
        exponent = np.maximum(shared, np.int16(self._scale - 126)).astype(np.int32) - np.int32(self._scale - 150)
        result: F32 = ((exponent << datum.FP32_FRACTION_BITS) | np.int32(0x40_0000)).view(np.float32)
        return result

    def term(self, group: int, phase: int, mode: AccumulateMode) -> Sum:
        """Return one group's sum of a phase, ready to be accumulated."""
        bias = mode.product_bias(phase)
        exponent = np.maximum(self._exponents[group].astype(np.int32) + np.int32(bias), max(bias, 0))
        live = exponent > 0
        return Sum(exponent * live, (self._values[phase][group] * live) << 13)
