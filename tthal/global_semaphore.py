"""Semaphores outside programs: a word in the L1 of every core of a set, at one address (host-api.md §1.5)."""

from __future__ import annotations

import numpy as np

from tthal.buffer import Buffer, ShardedBufferConfig, create_buffer
from tthal.coordinates import CoreRangeSet, CoreSpec, as_cores
from tthal.device import Device, device_of
from tthal.sharding import ShardSpec, ShardSpecBuffer
from tthal.types import BufferType, TensorMemoryLayout
from tthal.words import word

__all__ = [
    "CreateGlobalSemaphore",
    "GlobalSemaphore",
    "create_global_semaphore",
    "get_global_semaphore_address",
    "reset_global_semaphore_value",
]

WORD_BYTES = 4


class GlobalSemaphore:
    """A word in L1 at the same address on all its cores; it is freed with the last reference to it."""

    def __init__(self, buffer: Buffer, cores: CoreRangeSet) -> None:
        self._buffer = buffer
        self.cores = cores

    def address(self) -> int:
        """Return the address that kernels use."""
        return self._buffer.address()

    def device(self) -> Device:
        """Return the device it lives on."""
        return device_of(self._buffer)

    def reset_semaphore_value(self, reset_value: int) -> None:
        """Write a value on every core and wait.

        Raises:
            InvalidArgument: it is not an unsigned 32-bit integer.
        """
        values = np.full(self._buffer.num_pages(), word(reset_value, "the value of a semaphore"), np.uint32)
        self.device().command_queue().write(self._buffer, values, blocking=True)


def create_global_semaphore(
    mesh_device: Device, cores: CoreSpec, initial_value: int, buffer_type: BufferType = BufferType.L1
) -> GlobalSemaphore:
    """Allocate a semaphore in the L1 of some cores and write its value; kernels are given its address as argument.

    Raises:
        InvalidArgument: there is no core, one lies outside the grid, or the value is no word.
        OutOfMemory: L1 is full.
    """
    grid = CoreRangeSet.of(as_cores(cores, "cores of a semaphore"))
    count = grid.num_cores()
    shards = ShardSpecBuffer(
        shard_spec=ShardSpec(grid, (1, 1)), page_shape=(1, 1), tensor2d_shape_in_pages=(max(count, 1), 1)
    )
    size, layout = count * WORD_BYTES, TensorMemoryLayout.HEIGHT_SHARDED
    config = ShardedBufferConfig(mesh_device, size, WORD_BYTES, buffer_type, layout, shards)
    semaphore = GlobalSemaphore(create_buffer(config), grid)
    semaphore.reset_semaphore_value(initial_value)
    return semaphore


CreateGlobalSemaphore = create_global_semaphore


def get_global_semaphore_address(global_semaphore: GlobalSemaphore) -> int:
    """Return the address that kernels use."""
    return global_semaphore.address()


def reset_global_semaphore_value(global_semaphore: GlobalSemaphore, reset_value: int) -> None:
    """Write a semaphore's value on all its cores and wait."""
    global_semaphore.reset_semaphore_value(reset_value)
