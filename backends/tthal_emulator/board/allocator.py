"""Where buffers go: the vendor's addresses exactly (host-api.md §4).

All banks of a memory are kept in step: a buffer takes the same address in every bank, so one list of holes serves
them all. DRAM and trace buffers grow up from the base, L1 and L1_SMALL buffers down from the top.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from tthal.device_interface import Allocation, BufferSpec
from tthal.errors import InvalidArgument, OutOfMemory
from tthal.types import BufferType

from .holes import Holes
from .machine import Machine, align_up
from .pages import aligned_size, bank_extent, num_banks

ADDRESS_LIMIT = 1 << 32
"""Kernels see addresses as 32-bit words."""


_FEW = 16


@dataclass(frozen=True, slots=True)
class RegionStatistics:
    """What one bank's region holds, in bytes."""

    size: int
    allocated: int
    free: int
    largest_free_block: int


class Region:
    """A range of addresses with first-fit allocation; holes are kept apart, sorted, and joined when freed."""

    def __init__(self, base: int, end: int, granule: int) -> None:
        self.base = base
        self.end = end
        self._granule = granule
        self._holes = Holes(base, end)
        self._used: dict[int, int] = {}
        self._lowest: list[int] = []
        """A heap of the addresses in use, and of some that no longer are."""

    def allocate(self, size: int, bottom_up: bool) -> int | None:
        """Return the lowest (or highest) address where ``size`` bytes fit, or None."""
        size = align_up(size, self._granule)
        address = self._holes.take_lowest(size) if bottom_up else self._holes.take_highest(size)
        if address is not None:
            self._used[address] = size
            heappush(self._lowest, address)
        return address

    def free(self, address: int) -> None:
        """Give a block back; an unknown address is ignored."""
        size = self._used.pop(address, None)
        if size is not None:
            self._holes.give(address, size)
            if len(self._lowest) > 2 * len(self._used) + _FEW:
                self._lowest = sorted(self._used)

    def hold(self, used: dict[int, int]) -> None:
        """Begin anew with these blocks, sizes by address."""
        self._used = {address: align_up(size, self._granule) for address, size in used.items()}
        self._lowest = sorted(self._used)
        self._holes, free = Holes(self.base, self.base), self.base
        for address in self._lowest:
            if address > free:
                self._holes.give(free, address - free)
            free = address + self._used[address]
        if self.end > free:
            self._holes.give(free, self.end - free)

    @property
    def lowest_used(self) -> int | None:
        """The lowest address in use, or None."""
        while self._lowest and self._lowest[0] not in self._used:
            heappop(self._lowest)
        return self._lowest[0] if self._lowest else None

    def statistics(self) -> RegionStatistics:
        """Count what is used and what is free."""
        holes = [size for _, size in self._holes]
        size = self.end - self.base
        return RegionStatistics(size, size - sum(holes), sum(holes), max(holes, default=0))


_BOTTOM_UP = {BufferType.DRAM: True, BufferType.TRACE: True, BufferType.L1: False, BufferType.L1_SMALL: False}


class BufferAllocator:
    """Places the buffers of one device."""

    def __init__(self, machine: Machine) -> None:
        chip, granule = machine.chip, machine.granule
        self._machine = machine
        self._ids = count(1)
        self._live: dict[int, Allocation] = {}
        self._is_settled = True
        """Whether the regions hold what lives: Ctrl-C may come at any line that changes them."""
        self._regions = {
            BufferType.DRAM: Region(chip.dram_base, machine.trace_base, granule),
            BufferType.TRACE: Region(machine.trace_base, chip.dram_bank_size, granule),
            BufferType.L1: Region(machine.l1_base, machine.l1_small_base, granule),
            BufferType.L1_SMALL: Region(machine.l1_small_base, chip.l1_size, granule),
        }

    def allocate(self, spec: BufferSpec) -> Allocation:
        """Place a buffer; an explicit address is taken as it is, a buffer of size 0 lies at address 0.

        Raises:
            OutOfMemory: no address is free in all banks.
            InvalidArgument: the specification does not describe a buffer of this device.
        """
        region = self._regions.get(spec.buffer_type)
        if region is None:
            raise InvalidArgument(f"{spec.buffer_type.name} buffers cannot be allocated on a device")
        extent = bank_extent(spec, self._machine)
        if spec.address is not None:
            return Allocation(next(self._ids), _checked_address(spec.address), spec)
        if extent == 0:
            return Allocation(next(self._ids), 0, spec)
        if spec.buffer_type is BufferType.L1_SMALL and spec.shards is None:
            raise InvalidArgument("L1_SMALL only supports sharded allocations; shard the buffer or put it into L1")
        bottom_up = _BOTTOM_UP[spec.buffer_type] if spec.bottom_up is None else spec.bottom_up
        self._settle()
        self._is_settled = False
        address = region.allocate(extent, bottom_up)
        if address is None:
            self._is_settled = True
            raise self._out_of_memory(spec, extent, region)
        allocation = Allocation(next(self._ids), address, spec)
        self._live[allocation.id] = allocation
        self._is_settled = True
        return allocation

    def free(self, allocation: Allocation) -> None:
        """Give a buffer's memory back; freeing twice, or an explicitly addressed buffer, does nothing."""
        self._settle()
        self._is_settled = False
        live = self._live.pop(allocation.id, None)
        if live is not None:
            self._regions[live.spec.buffer_type].free(live.address)
        self._is_settled = True

    def lowest_l1_address(self) -> int | None:
        """Return the lowest address that an L1 or L1_SMALL buffer occupies, the same in every bank."""
        self._settle()
        lowest = (self._regions[kind].lowest_used for kind in (BufferType.L1, BufferType.L1_SMALL))
        return min((address for address in lowest if address is not None), default=None)

    def statistics(self, buffer_type: BufferType) -> RegionStatistics:
        """Return what each bank of a memory holds."""
        self._settle()
        return self._regions[buffer_type].statistics()

    def _settle(self) -> None:
        """Make the regions anew from the buffers that live, where an interrupt came between the two."""
        if not self._is_settled:
            for kind, region in self._regions.items():
                live = (each for each in self._live.values() if each.spec.buffer_type is kind)
                region.hold({each.address: bank_extent(each.spec, self._machine) for each in live})
            self._is_settled = True

    def _out_of_memory(self, spec: BufferSpec, extent: int, region: Region) -> OutOfMemory:
        found = region.statistics()
        kind = spec.buffer_type
        banks = num_banks(spec, self._machine)
        hint = {
            BufferType.L1_SMALL: "open the device with a larger l1_small_size",
            BufferType.TRACE: "open the device with a larger trace_region_size",
        }.get(kind, "free buffers that are no longer needed, or make this one smaller")
        return OutOfMemory(
            f"Out of Memory: Not enough space to allocate {aligned_size(spec, self._machine)} B {kind.name} buffer "
            f"across {banks} banks, where each bank needs to store {extent} B, but bank size is {found.size} B "
            f"(allocated: {found.allocated} B, free: {found.free} B, largest free block: {found.largest_free_block} "
            f"B); {hint}"
        )


def _checked_address(address: int) -> int:
    if not 0 <= address < ADDRESS_LIMIT:
        raise InvalidArgument(f"buffer address {address} is not a 32-bit address")
    return address
