"""A tensor's values on the host and its bytes: padding, tiles, packing, and conversions between element types."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from tthal import block_float
from tthal.errors import InvalidArgument
from tthal.tensor.spec import TensorSpec
from tthal.tensor.types import BLOCK_TYPES, Layout
from tthal.tiles import tilize, to_bfloat16, untilize
from tthal.types import DataType

FP8_LARGEST = 448.0
FP8_SMALLEST_NORMAL = 2.0**-6

Array = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]


def host_type(dtype: DataType) -> np.dtype[Any]:
    """Return numpy's type for a tensor's values on the host: float32 of block-float types."""
    import ml_dtypes

    types: dict[DataType, npt.DTypeLike] = {
        DataType.BFLOAT16: ml_dtypes.bfloat16,
        DataType.FLOAT32: np.float32,
        DataType.UINT32: np.uint32,
        DataType.BFLOAT8_B: np.float32,
        DataType.BFLOAT4_B: np.float32,
        DataType.UINT8: np.uint8,
        DataType.UINT16: np.uint16,
        DataType.INT32: np.int32,
        DataType.FP8_E4M3: ml_dtypes.float8_e4m3fn,
        DataType.INT8: np.int8,
    }
    if dtype not in types:
        raise InvalidArgument(f"a tensor cannot have the type {dtype!r}; use one such as bfloat16")
    return np.dtype(types[dtype])


def page_view(values: Array, spec: TensorSpec) -> Bytes | None:
    """Return an array's own bytes in the order of a tensor's pages, with strides; None where that takes more.

    It takes more when the types differ, the tensor is padded or block-float, or its tiles are transposed.
    """
    plain = spec.dtype not in BLOCK_TYPES and values.dtype == host_type(spec.dtype) and values.flags.c_contiguous
    if (
        not plain
        or not values.size
        or not values.ndim
        or spec.physical_shape != (values.size // values.shape[-1], values.shape[-1])
    ):
        return None
    if spec.layout is Layout.ROW_MAJOR:
        return values.reshape(-1).view(np.uint8)
    tile, (face_height, face_width) = spec.tile, spec.tile.face_shape
    if tile.transpose_tile or spec.padded_extents[-2:] != values.shape[-2:]:
        return None
    height, width = spec.physical_shape
    grid = (
        height // tile.height,
        tile.height // face_height,
        face_height,
        width // tile.width,
        tile.width // face_width,
        face_width * values.dtype.itemsize,
    )
    flat: Bytes = values.reshape(-1).view(np.uint8)
    pages: Bytes = flat.reshape(grid).transpose(0, 3, 1, 4, 2, 5)
    return pages


def encode(values: Array, spec: TensorSpec, pad_value: float | Array = 0) -> Bytes:
    """Return the bytes of a tensor's pages in host order.

    Args:
        values: of the spec's shape and :func:`host_type`.
        spec: what the tensor is.
        pad_value: what fills up the padded shape.
    """
    return pack(_padded(values.reshape(_as_2d(tuple(spec.shape))), spec, pad_value), spec)


def pack(padded: Array, spec: TensorSpec) -> Bytes:
    """Return the bytes of a tensor's pages from values that fill its padded shape."""
    if spec.layout is Layout.TILE and padded.size:
        padded = tilize(padded.reshape(_as_2d(spec.padded_extents)), spec.tile)
    if spec.dtype in BLOCK_TYPES:
        return block_float.pack(padded, spec.dtype.data_format, spec.tile)
    return np.ascontiguousarray(padded).reshape(-1).view(np.uint8)


def refit(padded: Array, spec: TensorSpec, pad_value: float = 0) -> Bytes:
    """Return the bytes of a tensor's pages from values of another padded shape: what is common stays, padding too."""
    extents = spec.padded_extents
    rank = max(len(extents), padded.ndim)
    wanted = _with_rank(extents, rank)
    source = padded.reshape(_with_rank(padded.shape, rank))
    extents_of_both: list[tuple[int, int]] = list(zip(source.shape, wanted, strict=True))
    common = tuple(slice(0, min(both)) for both in extents_of_both)
    whole = np.full(wanted, _pad_value(pad_value, padded.dtype), padded.dtype)
    whole[common] = source[common]
    return pack(whole.reshape(extents), spec)


def decode(data: Bytes, spec: TensorSpec, padded: bool = False) -> Array:
    """Return a tensor's values, of its shape (or its padded shape) and :func:`host_type`, from its pages' bytes."""
    extents = spec.padded_extents
    if spec.dtype in BLOCK_TYPES:
        flat: Array = block_float.unpack(data, spec.dtype.data_format, spec.tile)
    else:
        flat = data.view(host_type(spec.dtype))
    if spec.layout is Layout.TILE and flat.size:
        whole = untilize(flat, _as_2d(extents), spec.tile).reshape(extents)
    else:
        whole = flat.reshape(extents)
    if padded:
        return whole
    kept = whole[tuple(slice(0, extent) for extent in _with_rank(tuple(spec.shape), len(extents)))]
    return np.ascontiguousarray(kept).reshape(tuple(spec.shape))


def convert(values: Array, dtype: DataType, *, sharded: bool = False) -> Array:
    """Return values in a tensor's :func:`host_type`, as ttnn's host conversions do it (measured with ttnn 0.81.1).

    Floats are rounded to nearest even on the way to a shorter float and cut towards zero on the way to an integer, of
    8 and 16 bits to the nearest one there is; longer integers lose their upper bits. Types that ttnn does not know
    reach it as numpy and torch convert them, for block-float by way of bfloat16, and so do values of a ``sharded``
    tensor whose type has another size.

    Raises:
        InvalidArgument: FP8_E4M3 is made of something else than float32.
    """
    target = host_type(dtype)
    if values.dtype == target:
        return values
    if dtype is DataType.FP8_E4M3 and values.dtype != np.float32:
        raise InvalidArgument(f"FP8_E4M3 is made of float32 values only, not of {values.dtype}; convert them first")
    resized = sharded and (dtype in BLOCK_TYPES or values.dtype.itemsize != target.itemsize)
    converted_by_ttnn = values.dtype.name in _KNOWN_TO_TTNN and not resized
    if dtype is DataType.FP8_E4M3:
        return _fp8(values)
    if dtype is DataType.BFLOAT16:
        return to_bfloat16(values)
    if dtype in BLOCK_TYPES and not converted_by_ttnn:
        values = to_bfloat16(values)
    with np.errstate(invalid="ignore", over="ignore"):
        if converted_by_ttnn and target.kind in "iu" and values.dtype.name in ("float32", "bfloat16"):
            return _cut(values.astype(np.float32), target)
        return values.astype(target)


def padding_like(values: Array, dtype: DataType, pad_value: float) -> Array:
    """Return a padding value as ttnn has it before conversion: cut to the type that the values come in."""
    if values.dtype == np.bool_:
        return _pad_value(pad_value, np.dtype(np.uint8))
    known = values.dtype.name in _KNOWN_TO_TTNN
    kind = values.dtype if known else host_type(DataType.BFLOAT16 if dtype in BLOCK_TYPES else dtype)
    return _pad_value(pad_value, kind)


_KNOWN_TO_TTNN = frozenset({"float32", "bfloat16", "int32", "uint32", "uint16", "uint8", "int8", "bool"})
"""numpy's names of the types that ttnn converts itself."""

_OUT_OF_RANGE = -(1 << 31)
"""What x86 makes of a float that no 32-bit integer stands for, NaN included."""


def _fp8(values: npt.NDArray[np.float32]) -> Array:
    """Round to FP8_E4M3: what is too large saturates, infinities too, and what is below the normal numbers is zero."""
    inside = np.clip(values, -FP8_LARGEST, FP8_LARGEST)
    whole = np.where(np.abs(inside) < FP8_SMALLEST_NORMAL, np.copysign(np.float32(0), inside), inside)
    return whole.astype(host_type(DataType.FP8_E4M3))


def _cut(values: npt.NDArray[np.float32], target: np.dtype[Any]) -> Array:
    upper = (1 << 32) if target == np.uint32 else (1 << 31)
    whole = np.trunc(values.astype(np.float64))
    inside = (whole >= _OUT_OF_RANGE) & (whole < upper)
    integers = np.where(inside, whole, _OUT_OF_RANGE).astype(np.int64)
    if target.itemsize < 4:
        info = np.iinfo(target)
        integers = np.clip(integers, info.min, info.max)
    return integers.astype(target)


def _padded(values: Array, spec: TensorSpec, pad_value: float | Array) -> Array:
    outer, rows, columns = values.shape
    extents = _as_2d(spec.padded_extents)
    if (rows, columns) == extents[1:]:
        return values
    whole = np.full((outer, *extents[1:]), _pad_value(pad_value, values.dtype), values.dtype)
    whole[:, :rows, :columns] = values
    return whole


def _pad_value(value: float | Array, target: np.dtype[Any]) -> Array:
    given = np.asarray(value)
    if given.dtype == target:
        return given
    with np.errstate(invalid="ignore", over="ignore"):
        return given.astype(np.float32).astype(target)


def _as_2d(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Return a shape as a stack of matrices."""
    *outer, rows, columns = _with_rank(shape, max(2, len(shape)))
    return prod(outer), rows, columns


def _with_rank(shape: tuple[int, ...], rank: int) -> tuple[int, ...]:
    return (1,) * (rank - len(shape)) + shape
