"""Operations of ttnn that compute nothing: they cut, pad and re-lay tensors around a program's own kernels.

Facts are of ttnn 0.81.1. Like ``to_layout`` and ``to_memory_config`` they go by way of the host.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tthal import tiles
from tthal.coordinates import CoreRange, CoreRangeSet
from tthal.core_grid import CoreGrid
from tthal.errors import InvalidArgument
from tthal.sharding import ShardSpec
from tthal.tensor.construction import from_numpy
from tthal.tensor.memory_config import DRAM_MEMORY_CONFIG, L1_MEMORY_CONFIG, MemoryConfig
from tthal.tensor.operations import copy, to_layout, to_memory_config
from tthal.tensor.tensor import Tensor
from tthal.tensor.types import Layout
from tthal.types import BufferType, DataType, ShardOrientation, TensorMemoryLayout

Array = npt.NDArray[Any]


def interleaved_to_sharded(
    input_tensor: Tensor,
    sharded_memory_config: MemoryConfig | CoreGrid | CoreRangeSet,
    shard_shape: Sequence[int] | None = None,
    shard_scheme: TensorMemoryLayout | None = None,
    shard_orientation: ShardOrientation = ShardOrientation.ROW_MAJOR,
    output_dtype: DataType | None = None,
    **_: object,
) -> Tensor:
    """Return a tensor in shards: by a memory config, or by a grid, a shard shape and a scheme.

    Raises:
        InvalidArgument: a grid comes without a shape or a scheme.
    """
    if isinstance(sharded_memory_config, MemoryConfig):
        return to_memory_config(input_tensor, sharded_memory_config, output_dtype)
    if shard_shape is None or shard_scheme is None:
        raise InvalidArgument("interleaved_to_sharded takes a memory config, or a grid, shard_shape and shard_scheme")
    grid = sharded_memory_config
    if isinstance(grid, CoreGrid):
        grid = CoreRangeSet([CoreRange((0, 0), (grid.x - 1, grid.y - 1))])
    spec = ShardSpec(grid, shard_shape, shard_orientation)
    return to_memory_config(input_tensor, MemoryConfig(shard_scheme, BufferType.L1, spec), output_dtype)


def sharded_to_interleaved(
    input_tensor: Tensor, memory_config: MemoryConfig = DRAM_MEMORY_CONFIG, output_dtype: DataType | None = None
) -> Tensor:
    """Return a tensor with its pages over all banks."""
    return to_memory_config(input_tensor, memory_config, output_dtype)


def reshard(input_tensor: Tensor, output_memory_config: MemoryConfig, output_tensor: Tensor | None = None) -> Tensor:
    """Return a tensor in other shards."""
    return to_memory_config(input_tensor, output_memory_config, output_tensor=output_tensor)


def assign(input_a: Tensor, input_b: Tensor | None = None, *, memory_config: MemoryConfig | None = None) -> Tensor:
    """Copy a tensor into another one, or into a new one."""
    if input_b is not None:
        return copy(input_a, input_b)
    return _moved(input_a, input_a.values(), memory_config)


def cut(
    input_tensor: Tensor,
    slice_start: Sequence[int],
    slice_end: Sequence[int],
    slice_step: Sequence[int] | None = None,
    *,
    memory_config: MemoryConfig | None = None,
    **_: object,
) -> Tensor:
    """Return the part of a tensor from ``slice_start`` to before ``slice_end``: ``ttnn.slice``."""
    steps = slice_step or [1] * len(slice_start)
    part = tuple(slice(*each) for each in zip(slice_start, slice_end, steps, strict=True))
    return _moved(input_tensor, input_tensor.values()[part], memory_config)


def pad(
    input_tensor: Tensor,
    padding: Sequence[Sequence[int]],
    value: float = 0.0,
    *,
    memory_config: MemoryConfig | None = None,
    **_: object,
) -> Tensor:
    """Return a tensor with ``value`` around it: ``padding`` has (before, after) of each dimension, the last ones' first
    dimensions none.
    """
    values = input_tensor.values()
    widths = [(0, 0)] * (values.ndim - len(padding)) + [(int(before), int(after)) for before, after in padding]
    return _moved(input_tensor, np.pad(values, widths, constant_values=value), memory_config)


def tilize(input_tensor: Tensor | npt.ArrayLike, *given: Any, **options: Any) -> Any:
    """Return a tensor in tiles; of an array, what :func:`tthal.tilize` returns."""
    if not isinstance(input_tensor, Tensor):
        return tiles.tilize(input_tensor, *given, **options)
    return to_layout(input_tensor, Layout.TILE, options.get("dtype"), options.get("memory_config"))


def untilize(input_tensor: Tensor | npt.ArrayLike, *given: Any, **options: Any) -> Any:
    """Return a tensor in rows; of an array, what :func:`tthal.untilize` returns."""
    if not isinstance(input_tensor, Tensor):
        return tiles.untilize(input_tensor, *given, **options)
    return to_layout(input_tensor, Layout.ROW_MAJOR, memory_config=options.get("memory_config"))


def _moved(tensor: Tensor, values: Array, memory_config: MemoryConfig | None) -> Tensor:
    device, given = tensor.device(), tensor.memory_config()
    kept = given if not given.is_sharded() else L1_MEMORY_CONFIG
    tile = tensor.tile if tensor.layout is Layout.TILE else None
    where = None if device is None else memory_config or kept
    return from_numpy(values, tensor.dtype, tile=tile, layout=tensor.layout, device=device, memory_config=where)


OPERATIONS: dict[str, Callable[..., Tensor]] = {
    **{each.__name__: each for each in (interleaved_to_sharded, sharded_to_interleaved, reshard, assign, pad)},
    "slice": cut,
}
"""What ``ttnn`` has beside tthal's own names."""

OVER_ARRAYS: dict[str, Callable[..., Any]] = {each.__name__: each for each in (tilize, untilize)}
"""Names that are functions of arrays in tthal and operations in ``ttnn``; the alias takes both."""
