"""Tiles and number formats written out by hand: what oracles know, independent of tthal's own numerics."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

import tthal as ttnn

Array = npt.NDArray[Any]
Doubles = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]

SIDE, FACE = 32, 16
TILE = SIDE * SIDE
EXPONENT_BYTES = 64
"""A block-float tile begins with one exponent for every 16 of its 1024 elements."""


def to_tiles(matrix: Array, height: int = SIDE, width: int = SIDE) -> Array:
    """Return a matrix's elements tile by tile, a tile face by face, a face row by row."""
    rows, columns = matrix.shape
    high = min(FACE, height)
    parts = [
        matrix[top + face_row : top + face_row + high, left + face_column : left + face_column + FACE].reshape(-1)
        for top in range(0, rows, height)
        for left in range(0, columns, width)
        for face_row in range(0, height, FACE)
        for face_column in range(0, width, FACE)
    ]
    return np.concatenate(parts)


def from_tiles(flat: Array, rows: int, columns: int, height: int = SIDE, width: int = SIDE) -> Array:
    """Undo :func:`to_tiles`."""
    places = to_tiles(np.arange(rows * columns).reshape(rows, columns), height, width)
    matrix = np.empty(rows * columns, flat.dtype)
    matrix[places] = flat
    return matrix.reshape(rows, columns)


def bfloat16_bits(values: Doubles) -> npt.NDArray[np.uint16]:
    """Return values that bfloat16 holds exactly as its patterns."""
    bits = values.astype(np.float32).view(np.uint32)
    if np.any(bits & 0xFFFF) or np.any(values.astype(np.float32) != values):
        raise ValueError("a value is no bfloat16; round it in the program")
    return (bits >> 16).astype(np.uint16)


def bfloat16_values(bits: npt.NDArray[np.uint16]) -> Doubles:
    """Return what bfloat16 patterns mean."""
    return (bits.astype(np.uint32) << 16).view(np.float32).astype(np.float64)


def truncated(values: Doubles, bits: int) -> Doubles:
    """Return values whose significand keeps only its first ``bits`` bits, the leading one included."""
    fraction, exponent = np.frexp(values)
    kept: Doubles = np.ldexp(np.trunc(np.ldexp(fraction, bits)), exponent - bits)
    return kept


def random_bfloat16(rng: np.random.Generator, shape: tuple[int, int], low: int = -2, high: int = 2) -> Doubles:
    """Return random bfloat16 values of both signs with all significand bits and exponents in ``[low, high)``."""
    significands: Doubles = rng.integers(128, 256, shape) / 128.0
    signs = rng.choice([-1.0, 1.0], shape)
    return signs * np.ldexp(significands, rng.integers(low, high, shape))


def small_integers(rng: np.random.Generator, shape: tuple[int, int], limit: int = 30) -> Doubles:
    """Return random integers that sums and products of bfloat16 keep exactly, none of them zero."""
    return rng.choice([-1.0, 1.0], shape) * rng.integers(1, limit + 1, shape)


def block_float_bytes(rng: np.random.Generator, tiles: int, mantissa_bits: int) -> Bytes:
    """Return random block-float tiles: exponents near 1.0, every significand with its leading bit set."""
    exponents = rng.integers(126, 129, (tiles, EXPONENT_BYTES), dtype=np.uint8)
    top = 1 << (mantissa_bits - 1)
    codes = rng.integers(top, 2 * top, (tiles, TILE)) | rng.integers(0, 2, (tiles, TILE)) << mantissa_bits
    if mantissa_bits == 3:
        codes = codes[:, 0::2] | codes[:, 1::2] << 4
    return np.concatenate([exponents, codes.astype(np.uint8)], axis=1).reshape(-1)


def block_float_values(data: Bytes, tiles: int, mantissa_bits: int) -> Doubles:
    """Return what block-float tiles mean: sign and magnitude over the exponent of each group of 16."""
    pages = data.reshape(tiles, -1)
    exponents = np.repeat(pages[:, :EXPONENT_BYTES].astype(np.int64), 16, axis=1)
    codes = pages[:, EXPONENT_BYTES:].astype(np.int64)
    if mantissa_bits == 3:
        codes = np.stack([codes & 15, codes >> 4], axis=-1).reshape(tiles, TILE)
    magnitude = (codes & ((1 << mantissa_bits) - 1)).astype(np.float64)
    sign = np.where(codes >> mantissa_bits & 1, -1.0, 1.0)
    return np.asarray(sign * np.ldexp(magnitude, exponents - 127 - (mantissa_bits - 1))).reshape(-1)


def decode(data: Bytes, data_format: ttnn.DataFormat) -> Doubles:
    """Return what the bytes of tiles mean, in tile order."""
    if data_format is ttnn.DataFormat.Float16_b:
        return bfloat16_values(data.view(np.uint16))
    if data_format is ttnn.DataFormat.Bfp8_b:
        return block_float_values(data, len(data) // 1088, 7)
    if data_format is ttnn.DataFormat.Bfp4_b:
        return block_float_values(data, len(data) // 576, 3)
    return data.view(_PLAIN[data_format]).astype(np.float64)


def encode(values: Array, data_format: ttnn.DataFormat) -> Array:
    """Return values that a plain format holds exactly as its elements."""
    if data_format is ttnn.DataFormat.Float16_b:
        return bfloat16_bits(values)
    with np.errstate(over="ignore"):
        encoded: Array = values.astype(_PLAIN[data_format])
    if np.any(encoded.astype(np.float64) != values):
        raise ValueError(f"a value is no {data_format.name}; round it in the program")
    return encoded


_PLAIN = {
    ttnn.DataFormat.Float32: np.float32,
    ttnn.DataFormat.Float16: np.float16,
    ttnn.DataFormat.Int32: np.int32,
    ttnn.DataFormat.UInt32: np.uint32,
    ttnn.DataFormat.UInt16: np.uint16,
}
