"""Block-float formats on the host: 16 datums share one exponent byte (host-api.md §6).

A tile's exponent bytes come first, one per row of 16 datums in face order, then the datums in face order. A datum is a
sign bit above a magnitude with an explicit leading one: ``value = magnitude / 2^(bits - 1) * 2^(exponent - bias)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tthal.data_formats import BLOCK_FORMATS, FACE_WIDTH, TileLike, as_tile, exponent_bytes, tile_size
from tthal.errors import InvalidArgument
from tthal.types import DataFormat

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
I32 = npt.NDArray[np.int32]

FRACTION_BITS = 23
HIDDEN_ONE = 1 << FRACTION_BITS
MANTISSA_BITS = FRACTION_BITS + 1
EXPONENT_MAX = 255
EXPONENT_BIAS = 127
EXPONENT_A_BIAS = 15
EXPONENT_A_MAX = 31


@dataclass(frozen=True, slots=True)
class BlockFormat:
    """``bits`` of a datum, its sign included; ``narrow`` formats have a 5-bit exponent of bias 15 ("exp A")."""

    bits: int
    narrow: bool

    @property
    def magnitude_bits(self) -> int:
        """Bits of a datum below its sign."""
        return self.bits - 1

    @property
    def per_byte(self) -> int:
        """Datums in a byte, the first in its lowest bits."""
        return 8 // self.bits


FORMATS = {
    DataFormat.Bfp8: BlockFormat(8, narrow=True),
    DataFormat.Bfp8_b: BlockFormat(8, narrow=False),
    DataFormat.Bfp4: BlockFormat(4, narrow=True),
    DataFormat.Bfp4_b: BlockFormat(4, narrow=False),
    DataFormat.Bfp2: BlockFormat(2, narrow=True),
    DataFormat.Bfp2_b: BlockFormat(2, narrow=False),
}


def pack(values: npt.ArrayLike, data_format: DataFormat, tile: TileLike | None = None) -> U8:
    """Pack tilized float32 values (whole tiles, one after the other, in face order) into bytes.

    Datums are rounded half to even after alignment to the row's exponent, and saturate; denormals become 0.

    Raises:
        InvalidArgument: the format is not a block-float one, or the values are not whole tiles.
    """
    block = _format(data_format)
    shape = as_tile(tile)
    flat = np.ascontiguousarray(values, np.float32).reshape(-1)
    if flat.size % shape.tile_hw:
        raise InvalidArgument(f"{flat.size} values are not whole tiles of {shape.height}x{shape.width} elements")
    exponents, datums = _encode(flat.view(np.uint32).reshape(-1, FACE_WIDTH), block)
    tiles = flat.size // shape.tile_hw
    packed = np.zeros((tiles, tile_size(data_format, shape)), np.uint8)
    rows = shape.tile_hw // FACE_WIDTH
    packed[:, :rows] = exponents.reshape(tiles, rows)
    packed[:, exponent_bytes(data_format, shape) :] = _join(datums, block).reshape(tiles, -1)
    return packed.reshape(-1)


def unpack(data: npt.ArrayLike, data_format: DataFormat, tile: TileLike | None = None) -> F32:
    """Unpack bytes into tilized float32 values.

    Raises:
        InvalidArgument: the format is not a block-float one, or the bytes are not whole tiles.
    """
    block = _format(data_format)
    shape = as_tile(tile)
    flat = np.ascontiguousarray(data, np.uint8).reshape(-1)
    size = tile_size(data_format, shape)
    if flat.size % size:
        raise InvalidArgument(f"{flat.size} bytes are not whole tiles of {size} bytes ({data_format.name})")
    packed = flat.reshape(-1, size)
    exponents = packed[:, : shape.tile_hw // FACE_WIDTH].reshape(-1, 1)
    datums = _split(packed[:, exponent_bytes(data_format, shape) :], block).reshape(-1, FACE_WIDTH)
    return _decode(exponents, datums, block).reshape(-1)


def _format(data_format: DataFormat) -> BlockFormat:
    if data_format not in FORMATS:
        names = ", ".join(sorted(each.name for each in BLOCK_FORMATS))
        raise InvalidArgument(f"{data_format!r} is not a block-float format; those are {names}")
    return FORMATS[data_format]


def _encode(bits: U32, block: BlockFormat) -> tuple[U8, U8]:
    """Return each row's exponent byte and its datums, one per byte."""
    exponent = ((bits >> FRACTION_BITS) & EXPONENT_MAX).astype(np.int32)
    mantissa = np.where(exponent > 0, (bits & (HIDDEN_ONE - 1)) | HIDDEN_ONE, 0).astype(np.int32)
    if block.narrow:
        exponent, mantissa = _narrow(exponent, mantissa)
    shared = exponent.max(axis=1, keepdims=True)
    # What alignment shifts out is lost before rounding, as in the vendor's conversion.
    aligned = mantissa >> np.minimum(shared - exponent, MANTISSA_BITS)
    magnitude = _round_half_even(aligned, MANTISSA_BITS - block.magnitude_bits)
    magnitude = np.minimum(magnitude, (1 << block.magnitude_bits) - 1)
    sign = np.where(magnitude > 0, (bits >> 31) << block.magnitude_bits, 0)
    return shared.astype(np.uint8), (magnitude | sign).astype(np.uint8)


def _narrow(exponent: I32, mantissa: I32) -> tuple[I32, I32]:
    """Rebias to 5 exponent bits: what is too large saturates, what is too small becomes the smallest power of two."""
    rebiased = exponent - EXPONENT_BIAS + EXPONENT_A_BIAS
    mantissa = np.where(rebiased > EXPONENT_A_MAX, 2 * HIDDEN_ONE - 1, mantissa)
    mantissa = np.where((rebiased < 0) & (mantissa > 0), HIDDEN_ONE, mantissa)
    return np.clip(rebiased, 0, EXPONENT_A_MAX), mantissa


def _round_half_even(values: I32, dropped: int) -> I32:
    half = 1 << (dropped - 1)
    odd = (values >> dropped) & 1
    result: I32 = (values + (half - 1) + odd) >> dropped
    return result


def _join(datums: U8, block: BlockFormat) -> U8:
    groups = datums.reshape(-1, block.per_byte)
    joined = np.zeros(len(groups), np.uint8)
    for position in range(block.per_byte):
        joined |= groups[:, position] << (position * block.bits)
    return joined


def _split(data: U8, block: BlockFormat) -> U8:
    shifts = np.arange(block.per_byte, dtype=np.uint8) * np.uint8(block.bits)
    mask = np.uint8((1 << block.bits) - 1)
    result: U8 = (data[..., np.newaxis] >> shifts) & mask
    return result


def _decode(exponents: U8, datums: U8, block: BlockFormat) -> F32:
    """Put float32 bits together as the vendor's host library does (ttnn 0.81.1), also where they are no such value.

    Leading zeros of a magnitude lower the exponent; where it is too small for them, the datum is plain zero. The
    largest exponent holds infinities and NaNs with their bits, as in float32. A five-bit exponent is rebiased whatever
    its byte.
    """
    magnitude = datums & ((1 << block.magnitude_bits) - 1)
    sign = (datums >> block.magnitude_bits).astype(np.uint32) << 31
    zeros, fraction = (table[magnitude] for table in _normalised(block.magnitude_bits))
    exponent = exponents.astype(np.uint32)
    rebias = EXPONENT_BIAS - EXPONENT_A_BIAS if block.narrow else 0
    bits = sign | ((exponent - zeros + rebias) << FRACTION_BITS) | fraction
    bits = np.where(magnitude == 0, sign, np.where(zeros > exponent, 0, bits)).astype(np.uint32)
    return bits.view(np.float32)


def _normalised(bits: int) -> tuple[U32, U32]:
    """Return for every magnitude its leading zeros, and what follows the leading one as a float32's fraction."""
    magnitudes = np.arange(1 << bits, dtype=np.uint32)
    zeros = np.array([bits - int(each).bit_length() for each in magnitudes], np.uint32)
    fraction = (magnitudes << (zeros + MANTISSA_BITS - bits)) & (HIDDEN_ONE - 1)
    return zeros, fraction.astype(np.uint32)
