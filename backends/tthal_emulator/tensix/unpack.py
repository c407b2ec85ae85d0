"""The unpacker: page bytes in L1 to datums in SrcA and SrcB (numerics.md §1).

Datums come out in slot order (see `layout`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tthal.types import DataFormat

from . import datum, integer
from .datum import I32, U8, U32
from .errors import TensixError, UnsupportedFormat
from .formats import FACE_SIDE, FORMATS, Operand, exponent_bytes, info, unpack_register_format
from .layout import faces_to_slots

FIVE_BIT_EXPONENT = frozenset(row.format for row in FORMATS.values() if row.exponent_bits == 5)


@dataclass(frozen=True, slots=True)
class Source:
    """Datums in SrcA or SrcB.

    Attributes:
        bits: Src datums, int32; shape (tiles, rows, columns) in slot order unless a function says otherwise.
        format: the register format; decides exponent width and how much of the fraction the FPU reads.
    """

    bits: I32
    format: DataFormat

    @property
    def five_bit_exponent(self) -> bool:
        """Whether the datums have 5-bit exponents."""
        return self.format in FIVE_BIT_EXPONENT

    def with_bits(self, bits: I32) -> Source:
        """Return other datums of the same register format."""
        return Source(bits, self.format)


def unpack(pages: U8, operand: Operand, fp32_dest_acc_en: bool) -> Source:
    """Unpack pages of shape (tiles, page bytes) or (page bytes,) to Src datums (tiles, rows, columns) in slot order.

    Raises:
        TensixError: the pages are not of the operand's size.
        UnsupportedFormat: the format only goes to DST.
    """
    register = operand.unpacked or unpack_register_format(operand.format, fp32_dest_acc_en)
    convert = _TO_SRC.get((operand.format, register))
    if convert is None:
        raise UnsupportedFormat(why_not_in_src(operand))
    bits = convert(page_rows(pages, operand), operand)
    return Source(faces_to_slots(bits, operand.shape), register)


def why_not_in_src(operand: Operand) -> str:
    """Say why the FPU cannot read a buffer, and what to do instead."""
    name = operand.format.name
    if operand.format is DataFormat.Float32:
        return (
            "the FPU cannot read a Float32 buffer whose unpack_to_dest_mode is UnpackToDestFp32; leave it Default, or "
            "copy the tile to DST and use SFPU operations"
        )
    return (
        f"the FPU does not compute with {name}, which does not fit SrcA and SrcB; copy the tile to DST and use SFPU "
        "operations"
    )


def unpack_to_dest(pages: U8, operand: Operand) -> U32:
    """Unpack 32-bit pages straight to DST patterns, all bits kept, in slot order.

    Raises:
        UnsupportedFormat: the datums are not 32 bits wide.
    """
    if info(operand.format).bits != 32:
        raise UnsupportedFormat(f"{operand.format.name} cannot be unpacked to DST directly; only 32-bit formats can")
    return faces_to_slots(page_rows(pages, operand).view(np.uint32), operand.shape)


def page_rows(pages: U8, operand: Operand) -> U8:
    """Return the pages as a contiguous (tiles, page bytes) array.

    Raises:
        TensixError: the pages are not of the operand's size.
    """
    rows = np.ascontiguousarray(pages, dtype=np.uint8)
    rows = rows.reshape(-1, rows.shape[-1])
    if rows.shape[1] != operand.page_bytes:
        shape = operand.shape
        raise TensixError(
            f"a {shape.height}x{shape.width} tile of {operand.format.name} has {operand.page_bytes} bytes, "
            f"but the page given has {rows.shape[1]}"
        )
    return rows


def _bf16(pages: U8, operand: Operand) -> I32:
    return pages.view(np.uint16).astype(np.int32) << 3


def _fp32_to_tf32(pages: U8, operand: Operand) -> I32:
    return datum.src_from_fp32(pages.view(np.uint32))


def _fp32_to_bf16(pages: U8, operand: Operand) -> I32:
    bits = pages.view(np.uint32)
    bits = np.where(bits & datum.FP32_EXPONENT == 0, bits & datum.FP32_SIGN, bits)
    return datum.src_from_fp32(bits & datum.BF16_MASK)


def _fp16(pages: U8, operand: Operand) -> I32:
    return _fp16_to_src(pages.view(np.uint16).astype(np.int32))


def _fp32_to_fp16(pages: U8, operand: Operand) -> I32:
    return _fp16_to_src(datum.float16_patterns(pages.view(np.uint32)))


def _lf8(pages: U8, operand: Operand) -> I32:
    return _fp16_to_src(pages.astype(np.int32) << 8)


def _fp8_e4m3(pages: U8, operand: Operand) -> I32:
    """Widen 4-bit exponents by 8; the all-ones pattern keeps a full fraction (Blackhole)."""
    codes = pages.astype(np.int32)
    exponent, fraction = (codes >> 3) & 0xF, codes & 7
    filler = np.where(codes & 0x7F == 0x7F, np.int32(0x7F), np.int32(0))
    wide = (np.where(exponent > 0, exponent + 8, 0) << 10) | (fraction << 7) | filler
    return _fp16_to_src(((codes & 0x80) << 8) | wide)


def _fp16_to_src(bits: I32) -> I32:
    src: I32 = ((bits >> 15) << datum.SRC_SIGN_SHIFT) | (bits & 0x7FFF)
    return src


def _int8(pages: U8, operand: Operand) -> I32:
    return integer.src_from_bytes(pages.astype(np.int32), signed=operand.format is DataFormat.Int8)


def _uint16(pages: U8, operand: Operand) -> I32:
    return pages.view(np.uint16).astype(np.int32)


def _block_float(pages: U8, operand: Operand) -> I32:
    row = info(operand.format)
    header = exponent_bytes(operand.format, operand.shape)
    groups = operand.shape.datums // FACE_SIDE
    exponents = np.repeat(pages[:, :groups].astype(np.int32), FACE_SIDE, axis=1)
    codes = split_codes(pages[:, header:], row.bits)
    if row.exponent_bits == 8:
        src: I32 = _normalise_block_float(codes << (8 - row.bits), exponents, np.int32(0xFF)) << 3
        return src
    wide = _normalise_block_float(codes << (8 - row.bits), exponents, np.int32(0x1F))
    sign, rest = (wide >> 15) & 1, wide & 0x7FFF
    src = (sign << datum.SRC_SIGN_SHIFT) | (rest << 3)
    return src


def split_codes(section: U8, bits: int) -> I32:
    """Split bytes into datums of ``bits`` bits, the lowest bits first: (tiles, bytes) -> (tiles, bytes * 8 / bits)."""
    shifts = np.arange(0, 8, bits, dtype=np.uint8)
    codes = (section[:, :, None] >> shifts) & np.uint8((1 << bits) - 1)
    result: I32 = codes.reshape(section.shape[0], -1).astype(np.int32)
    return result


def _normalise_block_float(codes: I32, exponents: I32, exponent_mask: np.int32) -> I32:
    """Turn sign + 7-bit magnitude and a shared exponent into sign 15, exponent 14..7, fraction 6..0.

    The exponent wraps below zero, and a minus sign on a zero magnitude means minus infinity (numerics.md §1.6).
    """
    sign, magnitude = codes >> 7, (codes & 0x7F) << 1
    leading_zeros = _LEADING_ZEROS[magnitude]
    exponent = (exponents - leading_zeros) & exponent_mask
    fraction = (magnitude << leading_zeros) & 0x7E
    minus_infinity = np.int32(1 << 15) | (exponent_mask << 7)
    zero = np.where(sign > 0, minus_infinity, np.int32(0))
    result: I32 = np.where(magnitude == 0, zero, (sign << 15) | (exponent << 7) | fraction).astype(np.int32)
    return result


_LEADING_ZEROS = np.array([8 - int(v).bit_length() for v in range(256)], dtype=np.int32)

_TO_SRC: dict[tuple[DataFormat, DataFormat], Callable[[U8, Operand], I32]] = {
    (DataFormat.Float32, DataFormat.Tf32): _fp32_to_tf32,
    (DataFormat.Float32, DataFormat.Float16_b): _fp32_to_bf16,
    (DataFormat.Float32, DataFormat.Float16): _fp32_to_fp16,
    (DataFormat.Tf32, DataFormat.Tf32): _fp32_to_tf32,
    (DataFormat.Float16_b, DataFormat.Float16_b): _bf16,
    (DataFormat.Float16, DataFormat.Float16): _fp16,
    (DataFormat.Lf8, DataFormat.Lf8): _lf8,
    (DataFormat.Fp8_e4m3, DataFormat.Fp8_e4m3): _fp8_e4m3,
    (DataFormat.UInt16, DataFormat.UInt16): _uint16,
    (DataFormat.Int8, DataFormat.Int8): _int8,
    (DataFormat.UInt8, DataFormat.UInt8): _int8,
    **{
        (fmt, fmt): _block_float
        for fmt in (
            DataFormat.Bfp8_b,
            DataFormat.Bfp4_b,
            DataFormat.Bfp2_b,
            DataFormat.Bfp8,
            DataFormat.Bfp4,
            DataFormat.Bfp2,
        )
    },
}
