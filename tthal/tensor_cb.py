"""Circular buffers that lie in a sharded tensor (ttnn 0.81.1)."""

from __future__ import annotations

from tthal.coordinates import CoreRangeSet
from tthal.data_formats import TileDescriptor
from tthal.descriptors import CBDescriptor, CBFormatDescriptor
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
        core_ranges: the cores that have it; those of the tensor without.

    Raises:
        InvalidArgument: the tensor is not sharded, or the part lies outside its shard.
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
    shards = buffer.shard_layout()
    cores = core_ranges if core_ranges is not None or shards is None else _grid(tensor, len(shards.cores))
    tile = TileDescriptor(tensor.tile) if tensor.layout is Layout.TILE else None
    formats = [CBFormatDescriptor(cb_index, tensor.dtype, buffer.aligned_page_size(), tile)]
    descriptor = CBDescriptor(size, cores or CoreRangeSet(), formats, address_offset)
    descriptor.buffer = buffer
    return descriptor


def get_cb_address(descriptor: CBDescriptor) -> int:
    """Return the address of a circular buffer that lies in a tensor or a buffer, its offset included; 0 without one."""
    return 0 if descriptor.buffer is None else descriptor.buffer.address() + descriptor.address_offset


def _grid(tensor: Tensor, cores: int) -> CoreRangeSet:
    config = tensor.memory_config()
    spec = config.shard_spec if config.shard_spec is not None else config.nd_shard_spec
    if spec is None:
        raise InvalidArgument(f"{config} says nothing about the cores of its shards")
    return spec.grid
