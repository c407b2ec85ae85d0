"""The packer's last step: register values to the bytes of an L1 format (numerics.md §5.5 to §5.7)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tthal.types import DataFormat

from . import datum
from .datum import I32, U8, U32
from .errors import UnsupportedFormat
from .formats import FACE_SIDE, Operand, exponent_bytes, info


def late_conversion(values: U32, operand: Operand) -> U8:
    """Convert register patterns (tiles, datums) in face order to page bytes (tiles, page bytes).

    Raises:
        UnsupportedFormat: the packer cannot write the format.
    """
    convert = _TO_L1.get(operand.format)
    if convert is None:
        raise UnsupportedFormat(f"the packer does not write {operand.format.name}; choose another output format")
    return convert(values, operand)


def _words32(values: U32, operand: Operand) -> U8:
    return np.ascontiguousarray(values).view(np.uint8)


def _upper_half(values: U32, operand: Operand) -> U8:
    result: U8 = (values >> np.uint32(16)).astype(np.uint16).view(np.uint8)
    return result


def _float16(values: U32, operand: Operand) -> U8:
    return datum.float16_patterns(values).astype(np.uint16).view(np.uint8)


def _lf8(values: U32, operand: Operand) -> U8:
    return (datum.float16_patterns(values) >> 8).astype(np.uint8)


def _fp8_e4m3(values: U32, operand: Operand) -> U8:
    """Narrow by way of float16: 3 fraction bits, exponents 9..23 become 1..15, more saturates, less is a signed 0."""
    narrow = datum.float16_patterns(values)
    magnitude = np.clip((narrow & 0x7FFF) >> 7, 0, 24 << 3) - (8 << 3)
    magnitude = np.where(magnitude >= 16 << 3, 0x7F, np.where(magnitude < 1 << 3, 0, magnitude))
    return (((narrow >> 8) & 0x80) | magnitude).astype(np.uint8)


def _bytes(values: U32, operand: Operand) -> U8:
    return values.astype(np.uint8)


def _block_float(values: U32, operand: Operand) -> U8:
    row = info(operand.format)
    groups = (values >> np.uint32(16)).astype(np.int32).reshape(values.shape[0], -1, FACE_SIDE)
    if row.exponent_bits == 5:
        groups = _five_bit_groups(datum.float16_patterns(values)).reshape(groups.shape)
    exponents, magnitudes = share_exponent(np.where(groups & 0x7F80 == 0, 0, groups))
    codes = magnitudes >> (8 - row.bits)
    codes |= np.where(codes > 0, groups >> 15, 0) << (row.bits - 1)
    page = np.zeros((values.shape[0], operand.page_bytes), np.uint8)
    page[:, : exponents.shape[1]] = exponents
    page[:, exponent_bytes(operand.format, operand.shape) :] = join_codes(codes, row.bits)
    return page


def _five_bit_groups(float16: I32) -> I32:
    """Return float16 bits in bfloat16's layout: sign 15, the 5-bit exponent in 14..7, 7 fraction bits."""
    groups: I32 = (float16 & 0x8000) | ((float16 & 0x7FFF) >> 3)
    return groups


def share_exponent(groups: I32) -> tuple[I32, I32]:
    """Reduce patterns (.., 16) in bfloat16's layout to the row's exponent and 7-bit magnitudes (numerics.md §5.5)."""
    exponent = (groups >> 7) & 0xFF
    shared = exponent.max(axis=-1)
    significand = (groups & 0x7F) | np.where(exponent > 0, np.int32(0x80), np.int32(0))
    shift = np.minimum(shared[..., None] - exponent, 8)
    rounded = np.minimum((significand + (1 << shift)) >> (shift + 1), 0x7F)
    return shared, np.where(shift >= 8, 0, rounded).astype(np.int32)


def join_codes(codes: I32, bits: int) -> U8:
    """Join datums of ``bits`` bits to bytes, the lowest bits first: (tiles, ..) -> (tiles, bytes)."""
    parts = codes.reshape(codes.shape[0], -1, 8 // bits).astype(np.uint8)
    joined = np.zeros(parts.shape[:2], np.uint8)
    for i in range(8 // bits):
        joined |= parts[..., i] << np.uint8(i * bits)
    return joined


_TO_L1: dict[DataFormat, Callable[[U32, Operand], U8]] = {
    DataFormat.Float32: _words32,
    DataFormat.Tf32: _words32,
    DataFormat.Int32: _words32,
    DataFormat.UInt32: _words32,
    DataFormat.Float16_b: _upper_half,
    DataFormat.UInt16: _upper_half,
    DataFormat.Float16: _float16,
    DataFormat.Lf8: _lf8,
    DataFormat.Fp8_e4m3: _fp8_e4m3,
    DataFormat.Int8: _bytes,
    DataFormat.UInt8: _bytes,
    **dict.fromkeys(
        (DataFormat.Bfp8_b, DataFormat.Bfp4_b, DataFormat.Bfp2_b, DataFormat.Bfp8, DataFormat.Bfp4, DataFormat.Bfp2),
        _block_float,
    ),
}
