"""Circular buffers that lie in a sharded tensor (ttnn 0.81.1)."""

from __future__ import annotations

from tthal.cb_descriptors import CBDescriptor, CBFormatDescriptor
from tthal.coordinates import CoreRangeSet
from tthal.data_formats import TileDescriptor
from tthal.errors import InvalidArgument
from tthal.tensor.tensor import Tensor
from tthal.tensor.types import Layout

__all__ = ["cb_descriptor_from_sharded_tensor", "get_cb_address"]


def cb_descriptor_from_sharded_tensor(
    cb_index: int,
    tensor: Tensor,
    address_offset: int = 0,
    total_size: int = 0,
    core_ranges: CoreRangeSet | None = None,
) -> CBDescriptor:
    """Describe a circular buffer over a sharded tensor's memory on each of its cores.

    Args:
        cb_index: the index that kernels use.
        tensor: a sharded tensor in L1.
        address_offset: bytes from the start of the shard.
        total_size: bytes of the circular buffer; 0 means the rest of the shard.
        core_ranges: the cores that have it; without, those of the tensor's two-dimensional shard specification.

    Raises:
        InvalidArgument: the tensor is not sharded, the part lies outside its shard, or nothing says which cores.
    """
    if not tensor.is_sharded():
        raise InvalidArgument(
            "only a sharded tensor has its pages on the cores that use them; give it a sharded memory_config, or "
            "describe the circular buffer with ttnn.CBDescriptor"
        )
    buffer = tensor.buffer()
    room = buffer.aligned_size_per_bank()
    size = total_size or room - address_offset
    if size <= 0 or address_offset + size > room:
        raise InvalidArgument(
            f"{total_size} B at offset {address_offset} exceed the tensor's {room} B on each core; take less"
        )
    cores = _grid(tensor) if core_ranges is None else core_ranges
    tile = TileDescriptor(tensor.tile) if tensor.layout is Layout.TILE else None
    formats = [CBFormatDescriptor(cb_index, tensor.dtype, buffer.aligned_page_size(), tile)]
    descriptor = CBDescriptor(size, cores, formats, address_offset)
    descriptor.buffer = buffer
    return descriptor


def get_cb_address(descriptor: CBDescriptor) -> int:
    """Return the address of a circular buffer that lies in a tensor or a buffer, its offset included; 0 without one."""
    return 0 if descriptor.buffer is None else descriptor.buffer.address() + descriptor.address_offset


def _grid(tensor: Tensor) -> CoreRangeSet:
    spec = tensor.memory_config().shard_spec
    if spec is None:
        raise InvalidArgument(
            "the shards of this tensor have no height and width, so that ttnn 0.81.1 puts the circular buffer on no "
            "core at all; pass core_ranges"
        )
    return spec.grid
