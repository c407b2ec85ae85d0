"""Tensors on the host as a device stores them: tiles, faces, element formats (host-api.md §6).

Tiles lie row-major over the last two dimensions, earlier dimensions outermost. In a tile the faces (16 wide, at most 16
high) follow each other left to right, top to bottom, each row-major.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from tthal import block_float
from tthal.data_formats import BLOCK_FORMATS, FACE_WIDTH, Tile, TileLike, as_tile, device_format, tile_size
from tthal.errors import InvalidArgument, Unsupported
from tthal.types import DataFormat, DataType

__all__ = ["pack_tiles", "tilize", "tilize_nfaces", "unpack_tiles", "untilize", "untilize_nfaces"]

Array = npt.NDArray[Any]
U8 = npt.NDArray[np.uint8]

BFLOAT16_NAN = 0x7FC0
"""Every NaN becomes this one on the way to bfloat16 (host-api.md §6)."""

_INTEGERS: dict[DataFormat, type[np.integer[Any]]] = {
    DataFormat.Int32: np.int32,
    DataFormat.UInt32: np.uint32,
    DataFormat.UInt16: np.uint16,
    DataFormat.UInt8: np.uint8,
}

INT8_LARGEST = 127
"""Int8 is a sign bit and a 7-bit magnitude on the device (numerics.md §1.9)."""


def tilize(array: npt.ArrayLike, tile: TileLike | None = None, pad_value: float = 0) -> Array:
    """Return an array's elements in tile order, one-dimensional; the last two dimensions are padded to whole tiles."""
    shape = as_tile(tile)
    padded = _padded(_at_least_2d(np.asarray(array)), shape, pad_value)
    *outer, rows, columns = padded.shape
    grid = (prod(outer), rows // shape.height, columns // shape.width)
    face_rows, face_height = shape.height // shape.face_shape[0], shape.face_shape[0]
    split = padded.reshape(grid[0], grid[1], face_rows, face_height, grid[2], shape.width // FACE_WIDTH, FACE_WIDTH)
    faces = split.transpose(0, 1, 4, 2, 5, 3, 6)
    if shape.transpose_tile:
        return np.ascontiguousarray(_transposed(faces, shape)).reshape(-1)
    return np.ascontiguousarray(faces).reshape(-1)


def untilize(flat: npt.ArrayLike, shape: Sequence[int], tile: TileLike | None = None) -> Array:
    """Return an array of ``shape`` from elements in tile order; padding is cut off.

    Raises:
        InvalidArgument: the number of elements is not that of the padded shape.
    """
    form = as_tile(tile)
    values = np.asarray(flat).reshape(-1)
    *outer, rows, columns = (1, 1, *shape)[-max(2, len(shape)) :]
    down, across = -(-rows // form.height), -(-columns // form.width)
    expected = prod(outer) * down * across * form.tile_hw
    if values.size != expected:
        raise InvalidArgument(
            f"{values.size} elements in tiles of {form.height}x{form.width} cannot have the shape {tuple(shape)}, "
            f"which takes {expected}"
        )
    face_height = form.face_shape[0]
    if form.transpose_tile:
        values = _transposed(values.reshape(-1, form.height // face_height, form.width // 16, face_height, 16), form)
    split = values.reshape(
        prod(outer), down, across, form.height // face_height, form.width // FACE_WIDTH, face_height, FACE_WIDTH
    )
    padded = split.transpose(0, 1, 3, 5, 2, 4, 6).reshape(*outer, down * form.height, across * form.width)
    return np.ascontiguousarray(padded[..., :rows, :columns]).reshape(tuple(shape))


def tilize_nfaces(values: npt.ArrayLike, rows: int, columns: int) -> Array:
    """Tilize a flat row-major matrix of whole 32x32 tiles, as the vendor's function of this name."""
    return tilize(np.asarray(values).reshape(rows, columns))


def untilize_nfaces(values: npt.ArrayLike, rows: int, columns: int) -> Array:
    """Undo :func:`tilize_nfaces`."""
    return untilize(values, (rows, columns)).reshape(-1)


def pack_tiles(
    array: npt.ArrayLike,
    data_format: DataFormat | DataType,
    tile: TileLike | None = None,
    pad_value: float = 0,
) -> U8:
    """Return the bytes of an array as tiles of a device format, ready for ``EnqueueWriteBuffer``.

    The last two dimensions are padded to whole tiles. Numbers of any type are rounded once, to nearest even; integer
    formats take only integers.

    Raises:
        InvalidArgument: integers outside the format, or floats for an integer format.
        Unsupported: the host has no encoding of the format.
    """
    known = device_format(data_format)
    values = tilize(array, tile, pad_value)
    if known in BLOCK_FORMATS:
        return block_float.pack(_for_blocks(values), known, tile)
    return encode(values, known)


def unpack_tiles(
    data: npt.ArrayLike | bytes | memoryview,
    shape: Sequence[int],
    data_format: DataFormat | DataType,
    tile: TileLike | None = None,
) -> Array:
    """Return an array of ``shape`` from the bytes of tiles: float32 of block-float, else the format's own type.

    Raises:
        InvalidArgument: the number of bytes is not that of the padded shape.
        Unsupported: the host has no encoding of the format.
    """
    known = device_format(data_format)
    raw = _bytes(data)
    if known in BLOCK_FORMATS:
        return untilize(block_float.unpack(raw, known, tile), shape, tile)
    size = tile_size(known, tile)
    if raw.size % size:
        raise InvalidArgument(f"{raw.size} bytes are not whole tiles of {size} bytes ({known.name})")
    return untilize(decode(raw, known), shape, tile)


def encode(values: npt.ArrayLike, data_format: DataFormat | DataType) -> U8:
    """Return elements in their order as bytes of a format that is not block-float. Raises as :func:`pack_tiles`."""
    known = device_format(data_format)
    array = np.ascontiguousarray(values)
    if known in _INTEGERS:
        info = np.iinfo(_INTEGERS[known])
        return _as_bytes(_checked(array, known, int(info.min), int(info.max)).astype(_INTEGERS[known]))
    if known is DataFormat.Int8:
        checked = _checked(array, known, -INT8_LARGEST, INT8_LARGEST)
        return _as_bytes(np.where(checked < 0, 0x80 - checked, checked).astype(np.uint8))
    if known is DataFormat.Float16_b:
        return _as_bytes(to_bfloat16(array))
    with np.errstate(invalid="ignore", over="ignore"):
        single = _as_float32(array) if known is DataFormat.Float32 else to_odd_float32(array)
        return _as_bytes(single.astype(_float_type(known)))


def decode(data: npt.ArrayLike | bytes | memoryview, data_format: DataFormat | DataType) -> Array:
    """Return the elements of bytes in a format that is not block-float."""
    known = device_format(data_format)
    raw = _bytes(data)
    if known is DataFormat.Int8:
        magnitude = (raw & INT8_LARGEST).astype(np.int8)
        return np.where(raw > INT8_LARGEST, -magnitude, magnitude)
    return raw.view(_INTEGERS[known] if known in _INTEGERS else _float_type(known))


def to_bfloat16(values: npt.ArrayLike) -> Array:
    """Round to bfloat16: to nearest even, overflow to infinity, denormals kept, every NaN the same one."""
    from ml_dtypes import bfloat16

    array = np.asarray(values)
    if array.dtype == bfloat16:
        return array
    single = to_odd_float32(array)
    with np.errstate(invalid="ignore", over="ignore"):
        rounded = np.atleast_1d(single.astype(bfloat16))
    rounded.view(np.uint16)[np.isnan(np.atleast_1d(single))] = BFLOAT16_NAN
    return rounded.reshape(single.shape)


def to_odd_float32(values: Array) -> npt.NDArray[np.float32]:
    """Return numbers as float32 that still tell on which side of a narrower type's ties they lie.

    What float32 cannot hold is cut off, and its last bit set ("round to odd"), so that rounding to 22 bits or fewer
    comes to what rounding once does.
    """
    if (values.dtype.kind == "f" and values.dtype.itemsize <= 4) or values.dtype.kind not in "fiu":
        return _as_float32(values)
    exact = _odd_float64(values)
    nearest = _as_float32(exact)
    wide = nearest.astype(np.float64)
    cut = np.where(np.abs(wide) > np.abs(exact), np.nextafter(nearest, np.float32(0)), nearest)
    inexact = np.isfinite(exact) & (wide != exact)
    return np.where(inexact, cut.view(np.uint32) | np.uint32(1), cut.view(np.uint32)).astype(np.uint32).view(np.float32)


def _odd_float64(values: Array) -> npt.NDArray[np.float64]:
    """Return numbers as float64, integers beyond its 53 bits rounded to odd."""
    if values.dtype.kind == "f" or values.dtype.itemsize < 8:
        return values.astype(np.float64)
    negative = values < 0
    size = np.where(negative, np.negative(values.astype(np.uint64)), values.astype(np.uint64))
    low = np.uint64(0x7FF)
    odd = (size & ~low) | np.where(size & low, low + np.uint64(1), np.uint64(0))
    large = np.where(size >> np.uint64(53), odd, size).astype(np.float64)
    return np.where(negative, -large, large)


def _for_blocks(values: Array) -> npt.NDArray[np.float32]:
    """Return numbers as float32 for a block-float format: a number next to a power of two takes that one's exponent."""
    odd, nearest = to_odd_float32(values), _as_float32(values)
    crosses = np.frexp(odd)[1] != np.frexp(nearest)[1]
    return np.where(crosses, nearest, odd)


def _float_type(data_format: DataFormat) -> npt.DTypeLike:
    import ml_dtypes

    types: dict[DataFormat, npt.DTypeLike] = {
        DataFormat.Float32: np.float32,
        DataFormat.Float16: np.float16,
        DataFormat.Float16_b: ml_dtypes.bfloat16,
        DataFormat.Lf8: ml_dtypes.float8_e5m2,
        DataFormat.Fp8_e4m3: ml_dtypes.float8_e4m3fn,
    }
    if data_format not in types:
        raise Unsupported(f"the host has no encoding of {data_format.name}; choose another format, such as Float32")
    return types[data_format]


def _as_float32(array: Array) -> npt.NDArray[np.float32]:
    with np.errstate(invalid="ignore", over="ignore"):
        return array.astype(np.float32)


def _checked(array: Array, data_format: DataFormat, low: int, high: int) -> npt.NDArray[np.int64]:
    if array.dtype.kind not in "iub":
        raise InvalidArgument(
            f"{data_format.name} holds integers, not {array.dtype}; round and convert: np.rint(array).astype(np.int64)"
        )
    if array.size and (int(array.min()) < low or int(array.max()) > high):
        raise InvalidArgument(
            f"{data_format.name} holds {low} to {high}, but the values go from {array.min()} to {array.max()}"
        )
    return array.astype(np.int64)


def _as_bytes(array: Array) -> U8:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def _bytes(data: npt.ArrayLike | bytes | memoryview) -> U8:
    if isinstance(data, (bytes, bytearray, memoryview)):
        return np.frombuffer(data, np.uint8)
    return np.ascontiguousarray(data).reshape(-1).view(np.uint8)


def _at_least_2d(array: Array) -> Array:
    return array.reshape((1,) * (2 - array.ndim) + array.shape) if array.ndim < 2 else array


def _padded(array: Array, tile: Tile, pad_value: float) -> Array:
    down, across = -array.shape[-2] % tile.height, -array.shape[-1] % tile.width
    if not down and not across:
        return array
    widths = [(0, 0)] * (array.ndim - 2) + [(0, down), (0, across)]
    return np.pad(array, widths, constant_values=array.dtype.type(pad_value))


def _transposed(faces: Array, tile: Tile) -> Array:
    """Transpose the elements within square tiles whose last four axes are face row, face column, row, column."""
    if tile.height != tile.width:
        raise InvalidArgument(f"{tile!r}: only square tiles are transposed on the host")
    return np.swapaxes(np.swapaxes(faces, -4, -3), -2, -1)
