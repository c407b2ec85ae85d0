"""Parts of tensors: padding put around them and taken off, slices, and the shard that a core holds (ttnn 0.81.1)."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tthal.coordinates import CoreCoord
from tthal.data_formats import TILE_HEIGHT, TILE_WIDTH
from tthal.errors import InvalidArgument, WrongType
from tthal.sharding import page_placement
from tthal.tensor import elements
from tthal.tensor.memory_config import MemoryConfig
from tthal.tensor.shape import Shape, as_shape
from tthal.tensor.shard_forms import round_up
from tthal.tensor.spec import TensorSpec
from tthal.tensor.types import Layout
from tthal.types import BufferType, TensorMemoryLayout

if TYPE_CHECKING:
    from tthal.tensor.tensor import Tensor

Array = npt.NDArray[Any]
Part = tuple[TensorSpec, elements.Bytes]


def padded(tensor: Tensor, shape: Iterable[int], start: Iterable[int], value: float) -> Part:
    """Return a host tensor's spec and bytes with its values at ``start`` of a larger padded shape.

    Its logical shape stays: it is the first corner of the padded one, wherever the values are.

    Raises:
        InvalidArgument: the layout is not ROW_MAJOR, or the values do not fit there.
    """
    if tensor.layout is Layout.TILE:
        return tensor.spec, tensor.read_bytes()
    whole, first, inner = tuple(as_shape(shape)), tuple(start), tuple(tensor.padded_shape)
    if not len(whole) == len(first) == len(inner):
        raise InvalidArgument(f"pad: shape {whole} and start {first} must have the {len(inner)} dimensions of {inner}")
    if any(at + extent > room for at, extent, room in zip(first, inner, whole, strict=True)):
        raise InvalidArgument(f"pad: a tensor of {inner} does not fit a shape of {whole} at {first}")
    filled = np.full(whole, np.asarray(value).astype(elements.host_type(tensor.dtype)))
    filled[_box(first, inner)] = _all_values(tensor)
    spec = TensorSpec.of(tensor.shape, tensor.dtype, tensor.layout, tensor.memory_config(), padded_shape=whole)
    return spec, elements.pack(filled, spec)


def padded_to_tiles(tensor: Tensor, value: float) -> Part:
    """Return a host tensor's spec and bytes with its last two dimensions padded to whole 32x32 tiles."""
    *outer, rows, columns = tensor.padded_shape.to_rank(max(2, tensor.padded_shape.rank))
    shape = (*outer, round_up(rows, TILE_HEIGHT), round_up(columns, TILE_WIDTH))
    return padded(tensor, shape[-tensor.padded_shape.rank :], [0] * tensor.padded_shape.rank, value)


def unpadded(tensor: Tensor, start: Iterable[int], end: Iterable[int]) -> Part:
    """Return the spec and bytes of a host tensor's part from ``start`` up to ``end``, of its padded shape.

    Raises:
        InvalidArgument: the layout is not ROW_MAJOR, or there is no such part.
    """
    if tensor.layout is not Layout.ROW_MAJOR:
        raise InvalidArgument("unpad takes ROW_MAJOR tensors; convert it with tensor.to(ttnn.ROW_MAJOR_LAYOUT)")
    whole, first, last = tuple(tensor.padded_shape), tuple(start), tuple(end)
    if not len(whole) == len(first) == len(last):
        raise InvalidArgument(f"unpad: start {first} and end {last} must have {len(whole)} dimensions")
    if any(not 0 <= low <= high <= room for low, high, room in zip(first, last, whole, strict=True)):
        raise InvalidArgument(f"unpad: {first} to {last} is no part of the padded shape {whole}")
    kept = np.ascontiguousarray(_all_values(tensor)[tuple(map(slice, first, last))])
    spec = TensorSpec.of(kept.shape, tensor.dtype, tensor.layout, tensor.memory_config())
    return spec, elements.encode(kept, spec)


def unpadded_from_tiles(tensor: Tensor, shape: Iterable[int]) -> Part:
    """Return the spec and bytes of a host tensor's first corner of a shape.

    Raises:
        InvalidArgument: it was not padded to whole tiles.
    """
    rows, columns = tensor.padded_shape[-2], tensor.padded_shape[-1]
    if rows % TILE_HEIGHT or columns % TILE_WIDTH:
        raise InvalidArgument(f"unpad_from_tile takes tensors of whole tiles, not of {tensor.padded_shape}")
    extents = tuple(as_shape(shape))
    return unpadded(tensor, [0] * len(extents), extents)


def sliced(tensor: Tensor, index: Any) -> Part:
    """Return the spec and bytes of ``tensor[index]``, interleaved: of whole numbers, slices and one ellipsis.

    Raises:
        IndexError: an index is outside, or there are too many.
    """
    places = index if isinstance(index, tuple) else (index,)
    for place in places:
        if not isinstance(place, (int, np.integer, slice)) and place is not Ellipsis:
            raise WrongType(f"a tensor is indexed by whole numbers, slices and '...', not by {type(place).__name__}")
    kept = np.ascontiguousarray(tensor.values()[places])
    where = tensor.memory_config().buffer_type if tensor.device() is not None else BufferType.DRAM
    config = MemoryConfig(TensorMemoryLayout.INTERLEAVED, where)
    spec = TensorSpec.of(kept.shape, tensor.dtype, tensor.layout, config, tensor.tile)
    return spec, elements.encode(kept, spec)


def shard(tensor: Tensor, core: CoreCoord | int) -> Part:
    """Return the spec and bytes of what a core holds of a tensor: the shard's full shape, in four dimensions.

    Raises:
        InvalidArgument: the tensor is not sharded in two dimensions, or the core holds no shard.
    """
    layout, flat = tensor.buffer().shard_layout(), tensor.memory_config().shard_spec
    if layout is None or flat is None:
        raise InvalidArgument("extract_shard takes a tensor on a device that is sharded in two dimensions")
    if isinstance(core, CoreCoord) and core not in layout.cores:
        raise InvalidArgument(f"extract_shard: core {core} holds no shard of this tensor")
    number = layout.cores.index(core) if isinstance(core, CoreCoord) else core
    if not 0 <= number < len(layout.cores):
        raise InvalidArgument(f"extract_shard: core {number} is outside 0..{len(layout.cores) - 1}")
    owner, slot = page_placement(layout)
    mine = np.flatnonzero(owner == number)
    page = tensor.spec.page_bytes
    pages = np.zeros((prod(layout.shard_shape), page), np.uint8)
    pages[slot[mine]] = tensor.read_bytes().reshape(-1, page)[mine]
    spec = TensorSpec.of(Shape((1, 1, *flat.shape)), tensor.dtype, tensor.layout, None, tensor.tile)
    return spec, pages.reshape(-1)


def _all_values(tensor: Tensor) -> Array:
    return elements.decode(tensor.read_bytes(), tensor.spec, padded=True)


def _box(start: tuple[int, ...], extents: tuple[int, ...]) -> tuple[slice, ...]:
    return tuple(slice(at, at + extent) for at, extent in zip(start, extents, strict=True))
