"""The packer's L1 accumulation: new page + page already in L1 (numerics.md §5.9).

The adder sits behind the late conversion, so it adds datums of the L1 format. Unlike the rest of the packer it rounds
to nearest even. Its corner cases follow the vendor's simulator.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tthal.types import DataFormat

from . import datum
from .datum import I32, U8, U32
from .errors import UnsupportedFormat
from .formats import Operand

F64 = npt.NDArray[np.float64]

_BF16_INFINITY = 0x7F80
_BF16_NAN = 0x7FC0
_F64_EXPONENT_SHIFT = 52
_F64_LARGEST = np.finfo(np.float64).max


def accumulate_in_l1(present: U8, packed: U8, operand: Operand) -> U8:
    """Return the bytes of the pages' sums.

    Raises:
        UnsupportedFormat: the packer accumulates Float32, Float16_b and Float16 only.
    """
    add = _ADDERS.get(operand.format)
    if add is None:
        names = ", ".join(f.name for f in _ADDERS)
        raise UnsupportedFormat(f"the packer cannot accumulate {operand.format.name} in L1; use one of {names}")
    return add(np.ascontiguousarray(present), np.ascontiguousarray(packed)).view(np.uint8)


@np.errstate(all="ignore")
def _add_fp32(present: U8, packed: U8) -> U32:
    """IEEE addition, denormals flushed in and out, every NaN the same."""
    total = _without_denormals(present.view(np.uint32)) + _without_denormals(packed.view(np.uint32))
    bits = _without_denormals(total.view(np.uint32)).view(np.uint32)
    return np.where(np.isnan(total), datum.FP32_QUIET_NAN, bits)


def _without_denormals(bits: U32) -> npt.NDArray[np.float32]:
    return np.where(bits & datum.FP32_EXPONENT == 0, bits & datum.FP32_SIGN, bits).view(np.float32)


@np.errstate(all="ignore")
def _add_bf16(present: U8, packed: U8) -> npt.NDArray[np.uint16]:
    """Exact sum rounded to nearest even; denormals flushed; NaN counts as a huge number, inf - inf is NaN."""
    old, new = (page.view(np.uint16).astype(np.int64) for page in (present, packed))
    total = np.where(_is_nan(old), np.copysign(_F64_LARGEST, _bf16_value(old)), _bf16_value(old)) + _nan_as_number(new)
    opposite = (old ^ new == 0x8000) & (old & 0x7FFF == _BF16_INFINITY)
    return np.where(opposite, _BF16_NAN, _round_to_bf16(total)).astype(np.uint16)


def _is_nan(patterns: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    return (patterns & 0x7FFF) > _BF16_INFINITY


def _bf16_value(patterns: npt.NDArray[np.int64]) -> F64:
    flushed = np.where(patterns & _BF16_INFINITY == 0, patterns & 0x8000, patterns)
    plain = np.where(_is_nan(patterns), (patterns & 0x8000) | _BF16_INFINITY, flushed)
    return (plain << 16).astype(np.uint32).view(np.float32).astype(np.float64)


def _nan_as_number(patterns: npt.NDArray[np.int64]) -> F64:
    """Read NaN patterns as 1.fraction * 2^128."""
    number = np.ldexp(1 + (patterns & 0x7F) / 128, 128)
    return np.where(_is_nan(patterns), np.where(patterns & 0x8000 != 0, -number, number), _bf16_value(patterns))


def _round_to_bf16(total: F64) -> npt.NDArray[np.int64]:
    bits = total.view(np.int64)
    sign = (bits < 0).astype(np.int64) << 15
    exponent = ((bits >> _F64_EXPONENT_SHIFT) & 0x7FF) - 1023 + datum.FP32_BIAS
    fraction = bits & ((1 << _F64_EXPONENT_SHIFT) - 1)
    dropped = _F64_EXPONENT_SHIFT - 7
    rounded = (fraction + (1 << (dropped - 1)) - 1 + ((fraction >> dropped) & 1)) >> dropped
    magnitude = np.where(exponent >= 255, _BF16_INFINITY, (exponent << 7) + rounded)
    return sign | np.where(exponent <= 0, 0, magnitude)


@np.errstate(all="ignore")
def _add_fp16(present: U8, packed: U8) -> npt.NDArray[np.uint16]:
    """Sum of float16 without infinities, to nearest even, saturating; an exact 0 of huge terms saturates too."""
    old, new = (page.view(np.uint16).astype(np.int32) for page in (present, packed))
    total = (_fp16_value(old) + _fp16_value(new)).view(np.uint32)
    sign = (total >> np.uint32(16)).astype(np.int32) & 0x8000
    exponent = ((total & datum.FP32_EXPONENT) >> np.uint32(23)).astype(np.int32) - datum.FP16_REBIAS
    rounding = np.uint32(0xFFF) + ((total >> np.uint32(13)) & np.uint32(1))
    packed_sum = (exponent << 10) + (((total & datum.FP32_FRACTION) + rounding) >> np.uint32(13)).astype(np.int32)
    magnitude = np.minimum(packed_sum, 0x7FFF)
    magnitude = np.where(exponent < 0, 0x7FFF, np.where(exponent == 0, 0, magnitude))
    huge = ((old >> 10) & 0x1F) >= 30
    magnitude = np.where(total & datum.FP32_MAGNITUDE == 0, np.where(huge, 0x7FFF, 0), magnitude)
    result: npt.NDArray[np.uint16] = (sign | magnitude).astype(np.uint16)
    return result


def _fp16_value(patterns: I32) -> npt.NDArray[np.float32]:
    wide = ((patterns & 0x7FFF) << 13) + (datum.FP16_REBIAS << datum.FP32_FRACTION_BITS)
    wide = np.where(patterns & 0x7C00 == 0, 0, wide).astype(np.uint32)
    result: npt.NDArray[np.float32] = (wide | ((patterns & 0x8000).astype(np.uint32) << np.uint32(16))).view(np.float32)
    return result


_ADDERS: dict[DataFormat, Callable[[U8, U8], npt.NDArray[np.unsignedinteger]]] = {
    DataFormat.Float32: _add_fp32,
    DataFormat.Float16_b: _add_bf16,
    DataFormat.Float16: _add_fp16,
}
