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


def encode(values: Array, spec: TensorSpec, pad_value: float = 0) -> Bytes:
    """Return the bytes of a tensor's pages in host order.

    Args:
        values: of the spec's shape and :func:`host_type`.
        spec: what the tensor is.
        pad_value: what fills up the padded shape.
    """
    padded = _padded(values.reshape(_as_2d(tuple(spec.shape))), spec, pad_value)
    if spec.layout is Layout.TILE:
        padded = tilize(padded, spec.tile)
    if spec.dtype in BLOCK_TYPES:
        return block_float.pack(padded, spec.dtype.data_format, spec.tile)
    return np.ascontiguousarray(padded).reshape(-1).view(np.uint8)


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


def convert(values: Array, dtype: DataType) -> Array:
    """Return values in a tensor's type, as ttnn's host conversions do it.

    Floats are rounded to nearest even on the way to a shorter float, and cut towards zero on the way to an integer.
    """
    target = host_type(dtype)
    if values.dtype == target:
        return values
    if dtype is DataType.BFLOAT16:
        return to_bfloat16(values)
    with np.errstate(invalid="ignore", over="ignore"):
        if target.kind in "iu" and values.dtype.kind not in "iub":
            return _cut(values.astype(np.float64), target)
        return values.astype(target)


def _cut(values: npt.NDArray[np.float64], target: np.dtype[Any]) -> Array:
    info = np.iinfo(target)
    whole = np.nan_to_num(np.trunc(values), nan=0.0)
    result: Array = np.clip(whole, float(info.min), float(info.max)).astype(np.int64).astype(target)
    return result


def _padded(values: Array, spec: TensorSpec, pad_value: float) -> Array:
    outer, rows, columns = values.shape
    extents = _as_2d(spec.padded_extents)
    if (rows, columns) == extents[1:]:
        return values
    whole = np.full((outer, *extents[1:]), _pad_value(pad_value, values.dtype), values.dtype)
    whole[:, :rows, :columns] = values
    return whole


def _pad_value(value: float, target: np.dtype[Any]) -> Any:
    return np.asarray(value).astype(target)


def _as_2d(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Return a shape as a stack of matrices."""
    *outer, rows, columns = _with_rank(shape, max(2, len(shape)))
    return prod(outer), rows, columns


def _with_rank(shape: tuple[int, ...], rank: int) -> tuple[int, ...]:
    return (1,) * (rank - len(shape)) + shape
