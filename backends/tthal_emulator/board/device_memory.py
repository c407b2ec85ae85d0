"""The memories of a device, and how whole buffers move between them and the host.

DRAM channels are reserved address space: only pages that were touched cost memory. L1 belongs to the engine and comes
in as one byte array per core.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tthal.coordinates import CoreCoord
from tthal.device_interface import Allocation, BufferSpec
from tthal.errors import InvalidArgument

from .machine import Machine
from .pages import aligned_page_size, bank_extent, num_banks, shards
from .reserved_memory import LEAST_LARGE, ReservedMemory

Bytes = NDArray[np.uint8]


class MovesPages(Protocol):
    """Moves an interleaved buffer's pages faster than numpy does, and says whether it did."""

    def __call__(
        self, host: Bytes, banks: Iterable[Bytes], slot_step: int, page_size: int, *, to_device: bool
    ) -> bool: ...


def _moves_nothing(host: Bytes, banks: Iterable[Bytes], slot_step: int, page_size: int, *, to_device: bool) -> bool:
    return False


class DeviceMemory:
    """DRAM and L1 of one device; ``l1[i]`` is the L1 of core ``i``, bytes, counted row by row.

    ``mover`` is asked first to move an interleaved buffer.
    """

    def __init__(self, machine: Machine, l1: Sequence[Bytes] | Bytes, mover: MovesPages = _moves_nothing) -> None:
        if len(l1) != machine.num_cores:
            raise InvalidArgument(f"{len(l1)} L1 arrays for {machine.num_cores} cores")
        self.machine = machine
        self.l1 = l1
        self._mover = mover
        views = machine.board.dram
        size = machine.chip.dram_bank_size
        ends: dict[int, int] = {}
        for view in views:
            ends[view.channel] = max(ends.get(view.channel, 0), view.offset + size)
        self._reserved = {channel: ReservedMemory(end) for channel, end in ends.items()}
        self.channels: dict[int, Bytes] = {channel: memory.bytes for channel, memory in self._reserved.items()}
        """Every DRAM channel's bytes: what a NoC address at one of the channel's endpoints counts."""
        self.dram: tuple[Bytes, ...] = tuple(self.channels[v.channel][v.offset : v.offset + size] for v in views)
        """Every DRAM bank's bytes: channels, or their halves."""

    def close(self) -> None:
        """Let go of all memory; arrays that were handed out stay valid."""
        self._reserved = {}
        self.channels = {}
        self.dram = ()
        self.l1 = ()

    def write_buffer(self, allocation: Allocation, data: memoryview) -> None:
        """Write a whole buffer given in host page order, the order of ``data``'s elements whatever its strides."""
        host = np.asarray(data, dtype=np.uint8)
        self._check(allocation, host.size)
        if self._moved(allocation, host, to_device=True):
            return
        for device_part, host_part in self._parts(allocation, np.ascontiguousarray(host).reshape(-1)):
            device_part[...] = host_part

    def read_buffer(self, allocation: Allocation, out: memoryview) -> None:
        """Read a whole buffer into ``out`` in host page order, the order of its elements whatever its strides."""
        host = np.asarray(out, dtype=np.uint8)
        self._check(allocation, host.size)
        if self._moved(allocation, host, to_device=False):
            return
        flat = host.reshape(-1) if host.flags.c_contiguous else np.empty(host.size, np.uint8)
        for device_part, host_part in self._parts(allocation, flat):
            host_part[...] = device_part
        if not host.flags.c_contiguous:
            host[...] = flat.reshape(host.shape)

    def _moved(self, allocation: Allocation, host: Bytes, *, to_device: bool) -> bool:
        spec = allocation.spec
        if spec.shards is not None or not spec.size:
            return False
        if to_device and spec.size >= LEAST_LARGE and not spec.buffer_type.is_l1:
            self._will_fill(allocation)
        memories = (bank[allocation.address :] for bank in self._interleaved_banks(spec))
        step = aligned_page_size(spec, self.machine)
        return self._mover(host, memories, step, spec.page_size, to_device=to_device)

    def _will_fill(self, allocation: Allocation) -> None:
        extent = bank_extent(allocation.spec, self.machine)
        for view in self.machine.board.dram[: allocation.spec.num_pages]:
            self._reserved[view.channel].will_fill(view.offset + allocation.address, extent)

    def _interleaved_banks(self, spec: BufferSpec) -> Sequence[Bytes]:
        """The banks that hold the buffer's first pages, one each."""
        if spec.buffer_type.is_l1:
            return [self.l1[core] for core in self.machine.l1_bank_cores[: spec.num_pages]]
        return self.dram[: spec.num_pages]

    def write_l1(self, core: CoreCoord, address: int, data: memoryview) -> None:
        """Write raw bytes into a core's L1."""
        target = self._raw(self.l1[self.machine.core_index(core)], address, len(data), f"L1 of core {core}")
        target[...] = np.frombuffer(data, dtype=np.uint8)

    def read_l1(self, core: CoreCoord, address: int, size: int) -> bytes:
        """Read raw bytes from a core's L1."""
        return self._raw(self.l1[self.machine.core_index(core)], address, size, f"L1 of core {core}").tobytes()

    def write_dram(self, bank: int, address: int, data: memoryview) -> None:
        """Write raw bytes into a DRAM bank; the addresses below the allocator's base are the firmware's."""
        base = self.machine.chip.dram_base
        if 0 <= address < base:
            raise InvalidArgument(f"Cannot write to reserved DRAM region: address {address} lies below {base}")
        target = self._raw(self._bank(bank), address, len(data), f"DRAM bank {bank}")
        target[...] = np.frombuffer(data, dtype=np.uint8)

    def read_dram(self, bank: int, address: int, size: int) -> bytes:
        """Read raw bytes from a DRAM bank."""
        return self._raw(self._bank(bank), address, size, f"DRAM bank {bank}").tobytes()

    def _bank(self, bank: int) -> Bytes:
        if not 0 <= bank < len(self.dram):
            raise InvalidArgument(f"there is no DRAM bank {bank}; {self.machine.board.name} has {len(self.dram)}")
        return self.dram[bank]

    def _raw(self, memory: Bytes, address: int, size: int, where: str) -> Bytes:
        if address < 0 or size < 0 or address + size > len(memory):
            raise InvalidArgument(
                f"{size} B at address {address} reach past the end of {where}, which has {len(memory)} B"
            )
        return memory[address : address + size]

    def _parts(self, allocation: Allocation, host: Bytes) -> Iterator[tuple[Bytes, Bytes]]:
        """Pair the pieces of device memory with the pieces of host data, as arrays of pages of equal shape."""
        spec = allocation.spec
        if spec.size == 0:
            return iter(())
        if spec.shards is None:
            return self._interleaved_parts(spec, allocation.address, host)
        return self._sharded_parts(spec, allocation.address, host)

    def _interleaved_parts(self, spec: BufferSpec, address: int, host: Bytes) -> Iterator[tuple[Bytes, Bytes]]:
        stride, banks = aligned_page_size(spec, self.machine), num_banks(spec, self.machine)
        size = spec.page_size
        pages = host.reshape(spec.num_pages, size)
        for bank, memory in enumerate(self._interleaved_banks(spec)):
            mine = pages[bank::banks]
            count = len(mine)
            slots = memory[address : address + count * stride].reshape(count, stride)
            yield slots[:, :size], mine

    def _sharded_parts(self, spec: BufferSpec, address: int, host: Bytes) -> Iterator[tuple[Bytes, Bytes]]:
        layout = spec.shards
        if layout is None:
            return
        stride = aligned_page_size(spec, self.machine)
        pages = host.reshape(*layout.tensor_shape, spec.page_size)
        volume = prod(layout.shard_shape)
        for shard in shards(layout):
            core = layout.cores[shard.bank]
            memory = self.l1[self.machine.core_index(core)] if spec.buffer_type.is_l1 else self.dram[core.x]
            start = address + shard.slot * stride
            slots = memory[start : start + volume * stride].reshape(*layout.shard_shape, stride)
            inside = (*(slice(0, size) for size in shard.shape), slice(0, spec.page_size))
            chosen = tuple(slice(at, at + size) for at, size in zip(shard.origin, shard.shape, strict=True))
            yield slots[inside], pages[chosen]

    def _check(self, allocation: Allocation, size: int) -> None:
        spec = allocation.spec
        if size != spec.size:
            raise InvalidArgument(f"{size} B of host data for a buffer of {spec.size} B")
        if size:
            self._check_bounds(allocation)

    def _check_bounds(self, allocation: Allocation) -> None:
        spec = allocation.spec
        limit = self.machine.chip.l1_size if spec.buffer_type.is_l1 else self.machine.chip.dram_bank_size
        end = allocation.address + bank_extent(spec, self.machine)
        if allocation.address < 0 or end > limit:
            raise InvalidArgument(
                f"the buffer at address {allocation.address} ends at {end} in its banks, which have {limit} B; choose "
                f"a lower address"
            )
