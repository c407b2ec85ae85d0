"""What a tensor is made of: the constructor's spellings, and values of any kind (ttnn 0.81.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from tthal.buffer import Buffer
from tthal.data_formats import Tile
from tthal.device import Device
from tthal.errors import InvalidArgument
from tthal.tensor import arrays, elements
from tthal.tensor.memory_config import MemoryConfig
from tthal.tensor.placing import placed_values
from tthal.tensor.shape import as_shape
from tthal.tensor.spec import TensorSpec
from tthal.tensor.types import BLOCK_TYPES, Layout
from tthal.types import DataType

Array = npt.NDArray[Any]
Made = tuple[TensorSpec, elements.Bytes | None, Buffer | None]
"""A tensor's spec, and its pages on the host or on a device."""


def of_values(
    values: Array,
    dtype: DataType | None,
    device: Device | None,
    layout: Layout | None,
    memory_config: MemoryConfig | None,
    tile: Tile | None,
    cq_id: int | None,
    pad_value: float | None,
    *,
    col_tilize: bool = False,
) -> Made:
    """Return a tensor with an array's values, on a device if one is given."""
    dtype = arrays.inferred_type(values) if dtype is None else dtype
    if layout is None:
        layout = Layout.TILE if dtype in BLOCK_TYPES else Layout.ROW_MAJOR
    if col_tilize:
        _check_columns(values, dtype, layout)
        values = np.swapaxes(values, -2, -1)
    spec = TensorSpec.of(values.shape, dtype, layout, memory_config, tile)
    sharded = spec.memory_config.is_sharded()
    converted, padding = (
        elements.convert(each, dtype, sharded=sharded)
        for each in (values, elements.padding_like(values, dtype, pad_value or 0))
    )
    if device is not None:
        return spec, None, placed_values(spec, converted, padding, device, cq_id)
    data = elements.encode(converted, spec, padding)
    return spec, data.copy() if np.may_share_memory(data, values) else data, None


def constructed(first: object, given: tuple[Any, ...], named: dict[str, Any]) -> Made:
    """Return what ``Tensor(*given, **named)`` stands for when its first argument is no tensor."""
    if not isinstance(first, (list, tuple)):
        return _of_array(*given, **named)
    if len(given) > 4 and isinstance(given[4], Tile):
        # The spelling without a device: data, shape, data_type, layout, tile, pad_value.
        given = (*given[:4], None, None, *given[4:])
    return of_list(*given, **named)


def of_list(
    data: Iterable[float],
    shape: Iterable[int],
    data_type: DataType,
    layout: Layout,
    device: Device | None = None,
    memory_config: MemoryConfig | None = None,
    tile: Tile | None = None,
    pad_value: float = 0.0,
) -> Made:
    """Return a tensor with the numbers of a list, in row-major order.

    Raises:
        InvalidArgument: there are too few or too many.
    """
    flat, extents = np.asarray(data), as_shape(shape)
    if flat.size != extents.volume():
        raise InvalidArgument(f"{flat.size} values do not fill the shape {extents}, which has {extents.volume()}")
    values = flat.reshape(tuple(extents))
    return of_values(values, data_type, device, layout, memory_config, tile, None, pad_value)


def _of_array(
    tensor: Any,
    data_type: DataType | None = None,
    device: Device | None = None,
    layout: Layout | None = None,
    mem_config: MemoryConfig | None = None,
    tile: Tile | None = None,
    cq_id: int | None = None,
    pad_value: float | None = None,
    mesh_mapper: object = None,
    preserve_nan_values: bool = False,
    col_tilize: bool = False,
    enable_bfloat_opt: bool = False,
) -> Made:
    return of_values(
        arrays.as_array(tensor), data_type, device, layout, mem_config, tile, cq_id, pad_value, col_tilize=col_tilize
    )


def _check_columns(values: Array, dtype: DataType, layout: Layout) -> None:
    if dtype not in BLOCK_TYPES:
        raise InvalidArgument("col_tilize=True needs a block-float dtype, bfloat8_b or bfloat4_b")
    if values.ndim < 2:
        raise InvalidArgument("col_tilize=True needs a tensor of at least two dimensions")
    if layout is not Layout.TILE:
        raise InvalidArgument("col_tilize=True needs layout=TILE_LAYOUT")
