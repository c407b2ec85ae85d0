"""Parts of tensors: padding put around them and taken off, slices, and the shard that a core holds (ttnn 0.81.1).

A part has a spec and bytes, and so has what it is taken from.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from tthal.coordinates import CoreCoord
from tthal.data_formats import TILE_HEIGHT, TILE_WIDTH
from tthal.device_interface import ShardLayout
from tthal.errors import InvalidArgument, WrongType
from tthal.sharding import page_placement
from tthal.tensor import elements
from tthal.tensor.memory_config import MemoryConfig
from tthal.tensor.shape import Shape, as_shape
from tthal.tensor.shard_forms import round_up
from tthal.tensor.spec import TensorSpec
from tthal.tensor.types import Layout
from tthal.types import BufferType, TensorMemoryLayout

Array = npt.NDArray[Any]
Part = tuple[TensorSpec, elements.Bytes]


def padded(spec: TensorSpec, data: elements.Bytes, shape: Iterable[int], start: Iterable[int], value: float) -> Part:
    """Return a host tensor's spec and bytes with its values at ``start`` of a larger padded shape.

    Its logical shape stays: it is the first corner of the padded one, wherever the values are.

    Raises:
        InvalidArgument: the layout is not ROW_MAJOR, or the values do not fit there.
    """
    if spec.layout is Layout.TILE:
        return spec, data
    whole, first, inner = tuple(as_shape(shape)), tuple(start), tuple(spec.padded_shape)
    if not len(whole) == len(first) == len(inner):
        raise InvalidArgument(f"pad: shape {whole} and start {first} must have the {len(inner)} dimensions of {inner}")
    if any(at + extent > room for at, extent, room in zip(first, inner, whole, strict=True)):
        raise InvalidArgument(f"pad: a tensor of {inner} does not fit a shape of {whole} at {first}")
    filled = np.full(whole, np.asarray(value).astype(elements.host_type(spec.dtype)))
    filled[_box(first, inner)] = _all_values(spec, data)
    made = TensorSpec.of(spec.shape, spec.dtype, spec.layout, spec.memory_config, padded_shape=whole)
    return made, elements.pack(filled, made)


def padded_to_tiles(spec: TensorSpec, data: elements.Bytes, value: float) -> Part:
    """Return a host tensor's spec and bytes with its last two dimensions padded to whole 32x32 tiles."""
    *outer, rows, columns = spec.padded_shape.to_rank(max(2, spec.padded_shape.rank))
    shape = (*outer, round_up(rows, TILE_HEIGHT), round_up(columns, TILE_WIDTH))
    return padded(spec, data, shape[-spec.padded_shape.rank :], [0] * spec.padded_shape.rank, value)


def unpadded(spec: TensorSpec, data: elements.Bytes, start: Iterable[int], end: Iterable[int]) -> Part:
    """Return the spec and bytes of a host tensor's part from ``start`` up to ``end``, of its padded shape.

    Raises:
        InvalidArgument: the layout is not ROW_MAJOR, or there is no such part.
    """
    if spec.layout is not Layout.ROW_MAJOR:
        raise InvalidArgument("unpad takes ROW_MAJOR tensors; convert it with tensor.to(ttnn.ROW_MAJOR_LAYOUT)")
    whole, first, last = tuple(spec.padded_shape), tuple(start), tuple(end)
    if not len(whole) == len(first) == len(last):
        raise InvalidArgument(f"unpad: start {first} and end {last} must have {len(whole)} dimensions")
    if any(not 0 <= low <= high <= room for low, high, room in zip(first, last, whole, strict=True)):
        raise InvalidArgument(f"unpad: {first} to {last} is no part of the padded shape {whole}")
    kept = np.ascontiguousarray(_all_values(spec, data)[tuple(map(slice, first, last))])
    made = TensorSpec.of(kept.shape, spec.dtype, spec.layout, spec.memory_config)
    return made, elements.encode(kept, made)


def unpadded_from_tiles(spec: TensorSpec, data: elements.Bytes, shape: Iterable[int]) -> Part:
    """Return the spec and bytes of a host tensor's first corner of a shape.

    Raises:
        InvalidArgument: it was not padded to whole tiles.
    """
    rows, columns = spec.padded_shape[-2], spec.padded_shape[-1]
    if rows % TILE_HEIGHT or columns % TILE_WIDTH:
        raise InvalidArgument(f"unpad_from_tile takes tensors of whole tiles, not of {spec.padded_shape}")
    extents = tuple(as_shape(shape))
    return unpadded(spec, data, [0] * len(extents), extents)


def sliced(spec: TensorSpec, values: Array, index: Any, where: BufferType) -> Part:
    """Return the spec and bytes of ``values[index]``, interleaved: of whole numbers, slices and one ellipsis.

    Raises:
        IndexError: an index is outside, or there are too many.
    """
    places = index if isinstance(index, tuple) else (index,)
    for place in places:
        if not isinstance(place, (int, np.integer, slice)) and place is not Ellipsis:
            raise WrongType(f"a tensor is indexed by whole numbers, slices and '...', not by {type(place).__name__}")
    kept = np.ascontiguousarray(values[places])
    config = MemoryConfig(TensorMemoryLayout.INTERLEAVED, where)
    made = TensorSpec.of(kept.shape, spec.dtype, spec.layout, config, spec.tile)
    return made, elements.encode(kept, made)


def shard(spec: TensorSpec, data: elements.Bytes, layout: ShardLayout | None, core: CoreCoord | int) -> Part:
    """Return the spec and bytes of what a core holds of a tensor: the shard's full shape, in four dimensions.

    Raises:
        InvalidArgument: the tensor is not sharded in two dimensions, or the core holds no shard.
    """
    flat = spec.memory_config.shard_spec
    if layout is None or flat is None:
        raise InvalidArgument("extract_shard takes a tensor on a device that is sharded in two dimensions")
    if isinstance(core, CoreCoord) and core not in layout.cores:
        raise InvalidArgument(f"extract_shard: core {core} holds no shard of this tensor")
    number = layout.cores.index(core) if isinstance(core, CoreCoord) else core
    if not 0 <= number < len(layout.cores):
        raise InvalidArgument(f"extract_shard: core {number} is outside 0..{len(layout.cores) - 1}")
    owner, slot = page_placement(layout)
    mine = np.flatnonzero(owner == number)
    page = spec.page_bytes
    pages = np.zeros((prod(layout.shard_shape), page), np.uint8)
    pages[slot[mine]] = data.reshape(-1, page)[mine]
    made = TensorSpec.of(Shape((1, 1, *flat.shape)), spec.dtype, spec.layout, None, spec.tile)
    return made, pages.reshape(-1)


def _all_values(spec: TensorSpec, data: elements.Bytes) -> Array:
    return elements.decode(data, spec, padded=True)


def _box(start: tuple[int, ...], extents: tuple[int, ...]) -> tuple[slice, ...]:
    return tuple(slice(at, at + extent) for at, extent in zip(start, extents, strict=True))
