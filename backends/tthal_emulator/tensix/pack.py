"""The packer: DST to page bytes in L1 (numerics.md §5).

Two conversions with the relu between them: the *early* one rounds DST to the register format, the *late* one makes the
L1 format. Every rounding is to nearest with halves away from zero, on the magnitude.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np

from tthal.types import DataFormat

from . import datum
from .datum import I32, U8, U32
from .errors import TensixError, UnsupportedFormat
from .formats import FACE_SIDE, Operand, exponent_bytes, info, pack_register_format
from .unpack import slots_to_faces


class ReluMode(Enum):
    """The packer's rectifier; the values are the codes of the hardware's STACC_RELU field."""

    NONE = 0
    ZERO = 1
    MIN_THRESHOLD = 2
    MAX_THRESHOLD = 3


@dataclass(frozen=True, slots=True)
class Relu:
    """The packer's rectifier: mode and the 16-bit pattern it compares with."""

    mode: ReluMode = ReluMode.NONE
    threshold: int = 0


class EdgeMask(Enum):
    """What the packer keeps of a tile after a reduction; the rest becomes +0 (numerics.md §4.6)."""

    NONE = "all"
    COLUMN_0 = "column 0"
    ROW_0 = "row 0"
    ELEMENT_0 = "element 0"


@dataclass(frozen=True, slots=True)
class PackSettings:
    """The packer's configuration apart from the output format.

    Attributes:
        relu: the rectifier.
        edge_mask: what survives of a reduced tile.
        l1_accumulate: add to the page already in L1 instead of replacing it.
    """

    relu: Relu = Relu()
    edge_mask: EdgeMask = EdgeMask.NONE
    l1_accumulate: bool = False


PLAIN_PACK = PackSettings()


def pack(
    slots: U32,
    operand: Operand,
    fp32_dest_acc_en: bool,
    settings: PackSettings = PLAIN_PACK,
    bfp8_pack_precise: bool = False,
) -> U8:
    """Pack DST patterns (tiles, rows, columns) in slot order to pages (tiles, page bytes), without L1 accumulation."""
    register = pack_register_format(operand.format, fp32_dest_acc_en, bfp8_pack_precise)
    values = early_conversion(slots, register, fp32_dest_acc_en)
    return late_conversion(slots_to_faces(values, operand.shape), operand)


def early_conversion(bits: U32, register: DataFormat, is_32_bit: bool) -> U32:
    """Convert DST patterns to the packer's register format, kept as float32 patterns (numerics.md §5.1 to §5.4)."""
    if register in _RAW_REGISTERS:
        return bits
    if register is DataFormat.Float32 and is_32_bit:
        return bits
    dropped = _DROPPED_BITS[register]
    if not is_32_bit and register is not DataFormat.Bfp8_b:
        return datum.flush_denormals(nan_to_infinity(bits))
    if not is_32_bit:
        bits = datum.flush_denormals(bits)
    return datum.flush_denormals(round_half_away(nan_to_infinity(bits), dropped))


def nan_to_infinity(bits: U32) -> U32:
    """Replace float32 NaN patterns by infinities of the same sign."""
    is_nan = (bits & datum.FP32_MAGNITUDE) > datum.FP32_INFINITY
    return np.where(is_nan, bits & (datum.FP32_SIGN | datum.FP32_EXPONENT), bits)


def round_half_away(bits: U32, dropped: int) -> U32:
    """Round float32 patterns to multiples of 2^dropped in magnitude; a carry moves into the exponent."""
    half = np.uint32(1 << dropped >> 1)
    return (bits + half) & np.uint32(0x1_0000_0000 - (1 << dropped))


_RAW_REGISTERS = frozenset({DataFormat.UInt16, DataFormat.Int32, DataFormat.UInt32})
_DROPPED_BITS = {DataFormat.Tf32: 13, DataFormat.Float16_b: 16, DataFormat.Bfp8_b: 17, DataFormat.Float32: 0}


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
    return (values >> np.uint32(16)).astype(np.uint16).view(np.uint8)


def _block_float(values: U32, operand: Operand) -> U8:
    row = info(operand.format)
    groups = (values >> np.uint32(16)).astype(np.int32).reshape(values.shape[0], -1, FACE_SIDE)
    exponents, magnitudes = share_exponent(groups)
    codes = magnitudes >> (8 - row.bits)
    codes |= np.where(codes > 0, groups >> 15, 0) << (row.bits - 1)
    page = np.zeros((values.shape[0], operand.page_bytes), np.uint8)
    page[:, : exponents.shape[1]] = exponents
    page[:, exponent_bytes(operand.format, operand.shape) :] = join_codes(codes, row.bits)
    return page


def share_exponent(groups: I32) -> tuple[I32, I32]:
    """Reduce bfloat16 patterns (..., 16) to the row's exponent and 7-bit magnitudes (numerics.md §5.5)."""
    exponent = (groups >> 7) & 0xFF
    shared = exponent.max(axis=-1)
    significand = (groups & 0x7F) | np.where(exponent > 0, 0x80, 0)
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
    DataFormat.Bfp8_b: _block_float,
    DataFormat.Bfp4_b: _block_float,
    DataFormat.Bfp2_b: _block_float,
}


def check_page(page: U8, operand: Operand) -> None:
    """Raise TensixError unless the output pages have the operand's size."""
    if page.shape[-1] != operand.page_bytes:
        raise TensixError(f"a page of {operand.format.name} has {operand.page_bytes} bytes, not {page.shape[-1]}")
