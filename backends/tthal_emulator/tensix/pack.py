"""The packer: DST to page bytes in L1 (numerics.md §5).

Two conversions with the rectifier between them: the *early* one rounds DST to the register format, the *late* one
makes the L1 format (`pack_formats`). Every rounding is to nearest with halves away from zero, on the magnitude.
Values stay float32 patterns until the late conversion; integers stay raw bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tthal.types import DataFormat
from tthal_emulator.abi import Dimension, EdgeMask, PackerSettings, ReluMode

from . import datum, integer
from .datum import U8, U32
from .errors import TensixError, UnsupportedFormat
from .formats import FACE_SIDE, FULL_TILE, Operand, info, pack_register_format
from .integer import INTEGER_SOURCES
from .layout import slots_to_faces
from .pack_formats import late_conversion


@dataclass(frozen=True, slots=True)
class Relu:
    """The packer's rectifier.

    Attributes:
        mode: nothing; negatives to +0; values up to the threshold to +0 too; or values above it to the threshold.
        threshold: a bfloat16 pattern, or a float16 pattern when the packer works on float16; not negative.
    """

    mode: ReluMode = ReluMode.NONE
    threshold: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 0x7FFF:
            raise TensixError(f"relu threshold {self.threshold:#x} is not a pattern of a positive 16-bit float")


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

    @classmethod
    def told(cls, settings: PackerSettings) -> PackSettings:
        """Return what a kernel tells the packer."""
        return cls(Relu(settings.relu_mode, settings.threshold), settings.edge_mask, settings.l1_accumulate)


PLAIN_PACK = PackSettings()
REDUCTION_MASKS = {
    Dimension.ROW: EdgeMask.COLUMN_0,
    Dimension.COL: EdgeMask.ROW_0,
    Dimension.SCALAR: EdgeMask.ELEMENT_0,
}
"""What ``reduce_init`` makes the packer keep: all else is no result of the reduction (numerics.md §4.6)."""


def pack(
    slots: U32,
    operand: Operand,
    fp32_dest_acc_en: bool,
    settings: PackSettings = PLAIN_PACK,
    bfp8_pack_precise: bool = False,
) -> U8:
    """Pack DST patterns (tiles, rows, columns) in slot order to pages (tiles, page bytes), without L1 accumulation."""
    register = operand.packed or pack_register_format(operand.format, fp32_dest_acc_en, bfp8_pack_precise)
    values = early_conversion(slots, register, fp32_dest_acc_en)
    values = masked(rectified(values, settings.relu, register), settings.edge_mask)
    return late_conversion(slots_to_faces(values, operand.shape), operand)


def check_page(page: U8, operand: Operand) -> None:
    """Raise TensixError unless the output pages have the operand's size."""
    if page.shape[-1] != operand.page_bytes:
        shape = operand.shape
        raise TensixError(
            f"a {shape.height}x{shape.width} tile of {operand.format.name} has {operand.page_bytes} bytes, "
            f"but the page to pack into has {page.shape[-1]}"
        )


# ------------------------------------------------------------------------------------------------ early conversion

_RAW_REGISTERS = frozenset({DataFormat.Float32, DataFormat.Lf8, DataFormat.UInt16, DataFormat.Int32, DataFormat.UInt32})
_DROPPED_BITS = {
    DataFormat.Tf32: 13,
    DataFormat.Float16: 13,
    DataFormat.Float16_b: 16,
    DataFormat.Bfp8_b: 17,
    DataFormat.Bfp8: 17,
}
"""Fraction bits of float32 that a register format loses by rounding."""


def early_conversion(bits: U32, register: DataFormat, is_32_bit: bool) -> U32:
    """Convert DST patterns to the packer's register format, kept as float32 patterns (numerics.md §5.1 to §5.7)."""
    if register in INTEGER_SOURCES:
        return _integer_bytes(bits, register, is_32_bit)
    if register in _RAW_REGISTERS:
        return bits
    dropped = _DROPPED_BITS[register]
    bits = nan_to_infinity(bits)
    if is_32_bit:
        return datum.flush_denormals(round_half_away(bits, dropped))
    bits = datum.flush_denormals(bits)
    return round_half_away(bits, dropped) if register in (DataFormat.Bfp8_b, DataFormat.Bfp8) else bits


def _integer_bytes(bits: U32, register: DataFormat, is_32_bit: bool) -> U32:
    """Clamp 32-bit integers to a byte: sign and 7 bits of magnitude, or 8 bits with negatives as 0."""
    if not is_32_bit:
        raise UnsupportedFormat(
            f"packing {register.name} needs a 32-bit DST; set fp32_dest_acc_en in the ComputeConfig"
        )
    numbers = integer.decode(bits)
    if register is DataFormat.UInt8:
        return np.clip(numbers, 0, 255).astype(np.uint32)
    sign = np.where(bits >= datum.FP32_SIGN, np.uint32(0x80), np.uint32(0))
    result: U32 = np.minimum(np.abs(numbers), 127).astype(np.uint32) | sign
    return result


def nan_to_infinity(bits: U32) -> U32:
    """Replace float32 NaN patterns by infinities of the same sign."""
    is_nan = (bits & datum.FP32_MAGNITUDE) > datum.FP32_INFINITY
    return np.where(is_nan, bits & (datum.FP32_SIGN | datum.FP32_EXPONENT), bits)


def round_half_away(bits: U32, dropped: int) -> U32:
    """Round float32 patterns to multiples of 2^dropped in magnitude; a carry moves into the exponent."""
    half = np.uint32(1 << dropped >> 1)
    rounded: U32 = (bits + half) & np.uint32(0x1_0000_0000 - (1 << dropped))
    return rounded


# ------------------------------------------------------------------------------------------------ relu and edges


def rectified(values: U32, relu: Relu, register: DataFormat) -> U32:
    """Apply the rectifier by comparing bit patterns (numerics.md §5.8).

    Raises:
        UnsupportedFormat: a threshold on integers.
    """
    if relu.mode is ReluMode.NONE:
        return values
    if info(register).is_integer and relu.mode is not ReluMode.ZERO:
        raise UnsupportedFormat(f"the packer's relu has no threshold for {register.name}; use ReluConfig::zero()")
    sign = np.uint32(0x80) if register is DataFormat.Int8 else datum.FP32_SIGN
    if register in (DataFormat.UInt16, DataFormat.UInt32, DataFormat.UInt8):
        return values
    values = np.where(values & sign != 0, np.uint32(0), values)
    threshold = _threshold_pattern(relu.threshold, register)
    if relu.mode is ReluMode.MIN_THRESHOLD:
        return np.where(values <= threshold, np.uint32(0), values)
    if relu.mode is ReluMode.MAX_THRESHOLD:
        # The comparison of a float32 sees TF32's bits only.
        above = (values >> np.uint32(13)) > (threshold >> np.uint32(13))
        return np.where(above, threshold, values)
    return values


def _threshold_pattern(threshold: int, register: DataFormat) -> np.uint32:
    pattern = threshold << 16
    if info(register).exponent_bits == 5:
        pattern = (threshold << 13) + (datum.FP16_REBIAS << datum.FP32_FRACTION_BITS if threshold >> 10 else 0)
    threshold_bits: np.uint32 = np.uint32(pattern)
    return threshold_bits


def masked(values: U32, mask: EdgeMask) -> U32:
    """Zero all but what the mask keeps; values (tiles, rows, columns) in slot order."""
    return values if mask is EdgeMask.NONE else values * _KEPT[mask][: values.shape[1], : values.shape[2]]


def _kept(mask: EdgeMask) -> U32:
    kept = np.zeros((FULL_TILE.height, FULL_TILE.width), np.uint32)
    if mask is EdgeMask.COLUMN_0:
        kept[:, ::FACE_SIDE] = 1
    elif mask is EdgeMask.ROW_0:
        kept[0] = 1
    else:
        kept[0, 0] = 1
    return kept


_KEPT = {mask: _kept(mask) for mask in EdgeMask if mask is not EdgeMask.NONE}
