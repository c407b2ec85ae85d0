"""Buffers of a mesh, as the C++ examples make, write and read them; on a mesh of one they are the device's buffers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tthal.buffer import Buffer, InterleavedBufferConfig, ShardedBufferConfig, create_buffer
from tthal.buffer_distribution import BufferDistributionSpec
from tthal.command_queue import CommandQueue
from tthal.device import Device
from tthal.errors import InvalidArgument, WrongType
from tthal.mesh_shapes import MeshCoordinate
from tthal.sharding import ShardSpecBuffer
from tthal.types import BufferType, TensorMemoryLayout

__all__ = [
    "BufferShardingArgs",
    "DeviceLocalBufferConfig",
    "EnqueueReadMeshBuffer",
    "EnqueueWriteMeshBuffer",
    "MeshBuffer",
    "ReadShard",
    "ReplicatedBufferConfig",
    "WriteShard",
]


@dataclass(frozen=True)
class ReplicatedBufferConfig:
    """A buffer of ``size`` bytes that every device of a mesh has whole."""

    size: int


@dataclass(frozen=True)
class BufferShardingArgs:
    """How a buffer's pages are spread over the banks of a device: interleaved unless a spec says otherwise."""

    shard_spec: ShardSpecBuffer | BufferDistributionSpec | None = None
    buffer_layout: TensorMemoryLayout = TensorMemoryLayout.INTERLEAVED


@dataclass(frozen=True)
class DeviceLocalBufferConfig:
    """What a mesh buffer is on each device; ``page_size`` in bytes."""

    page_size: int
    buffer_type: BufferType = BufferType.DRAM
    sharding_args: BufferShardingArgs = field(default_factory=BufferShardingArgs)
    bottom_up: bool | None = None
    sub_device_id: int | None = None


class MeshBuffer:
    """Makes the buffers of a mesh of one device, which are that device's."""

    @staticmethod
    def create(
        mesh_buffer_config: ReplicatedBufferConfig,
        device_local_config: DeviceLocalBufferConfig,
        mesh_device: Device,
        address: int | None = None,
    ) -> Buffer:
        """Allocate a buffer; see :func:`tthal.CreateBuffer`."""
        if not isinstance(mesh_buffer_config, ReplicatedBufferConfig):
            raise WrongType(
                f"a mesh of one device takes a ReplicatedBufferConfig, not {type(mesh_buffer_config).__name__}: there "
                "is nothing to shard over"
            )
        local, size = device_local_config, mesh_buffer_config.size
        spec = local.sharding_args.shard_spec
        if spec is None:
            config: InterleavedBufferConfig | ShardedBufferConfig = InterleavedBufferConfig(
                mesh_device, size, local.page_size, local.buffer_type
            )
        else:
            layout = local.sharding_args.buffer_layout
            config = ShardedBufferConfig(mesh_device, size, local.page_size, local.buffer_type, layout, spec)
        return create_buffer(config, address, local.sub_device_id)


def EnqueueWriteMeshBuffer(queue: CommandQueue, mesh_buffer: Buffer, src: Any, blocking: bool = False) -> None:
    """Write a whole buffer, host page order; see :func:`tthal.EnqueueWriteBuffer`. A list stands for 32-bit words."""
    queue.write(mesh_buffer, _words(src), blocking)


def EnqueueReadMeshBuffer(
    queue: CommandQueue, dst: Any, mesh_buffer: Buffer | None = None, blocking: bool = True
) -> Any:
    """Read a whole buffer into ``dst``, in the C++ order; return ``dst``, or a new uint8 array where it is None.

    A list as ``dst`` is filled with 32-bit words, as the examples' vectors are. ``(queue, mesh_buffer)`` will do too.
    """
    if isinstance(dst, Buffer) and not isinstance(mesh_buffer, Buffer):
        dst, mesh_buffer = mesh_buffer, dst
    if mesh_buffer is None:
        raise WrongType("EnqueueReadMeshBuffer reads (queue, dst, mesh_buffer)")
    if not isinstance(dst, list):
        return queue.read(mesh_buffer, dst, blocking)
    dst[:] = queue.read(mesh_buffer).view(np.uint32).tolist()
    return dst


def WriteShard(
    queue: CommandQueue, mesh_buffer: Buffer, src: Any, coord: MeshCoordinate, blocking: bool = False
) -> None:
    """Write the part of a buffer at a place of the mesh: the whole of it, on the one device."""
    _check(coord)
    EnqueueWriteMeshBuffer(queue, mesh_buffer, src, blocking)


def ReadShard(queue: CommandQueue, dst: Any, mesh_buffer: Buffer, coord: MeshCoordinate, blocking: bool = True) -> Any:
    """Read the part of a buffer at a place of the mesh; otherwise as :func:`EnqueueReadMeshBuffer`."""
    _check(coord)
    return EnqueueReadMeshBuffer(queue, dst, mesh_buffer, blocking)


def _words(src: Any) -> Any:
    return np.array(src, np.uint32) if isinstance(src, (list, tuple)) else src


def _check(coord: MeshCoordinate) -> None:
    if any(coord):
        raise InvalidArgument(f"{coord} lies outside the mesh of one device; (0, 0) is its only coordinate")
