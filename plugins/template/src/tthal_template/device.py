"""An open device of the template: DRAM banks and L1 in host memory, buffers placed one behind the other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from tthal.coordinates import CoreCoord
from tthal.device_interface import (
    Alignments,
    Allocation,
    BufferSpec,
    Capability,
    DeviceDriver,
    DeviceProperties,
    DramBank,
    LaunchState,
    Limits,
    LoadedProgram,
    ProgramImage,
)
from tthal.errors import OutOfMemory, Unsupported
from tthal.types import Arch, DataFormat, DispatchMode

CORES = tuple(CoreCoord(x, y) for y in range(2) for x in range(2))
BANK_SIZE = 1 << 24
GRANULE = 32

PROPERTIES = DeviceProperties(
    arch=Arch.WORMHOLE_B0,
    board="template",
    dispatch_mode=DispatchMode.SLOW,
    compute_grid=CoreCoord(2, 2),
    worker_virtual=tuple((18 + core.x, 18 + core.y) for core in CORES),
    l1_size=1_499_136,
    l1_base=105_824,
    l1_banks=CORES,
    dram_banks=tuple(DramBank((0, bank), (0, bank), 0) for bank in range(4)),
    dram_base=1_048_640,
    dram_bank_size=BANK_SIZE,
    alignments=Alignments(32, 16, GRANULE, 32, 32, 16, 16),
    limits=Limits(),
    max_noc_burst=8192,
    tile_shapes=((32, 32),),
    data_formats=(DataFormat.Float16_b, DataFormat.Float32, DataFormat.UInt32),
    num_queues=1,
    accessor_encoding=2,
    # Declare what works, nothing else: conformance asks for what stands here and reports the rest as unsupported.
    capabilities=frozenset({Capability.RAW_MEMORY_ACCESS}),
)


class TemplateDevice(DeviceDriver):
    """Keeps interleaved buffers in banks of host memory."""

    def __init__(self, num_queues: int) -> None:
        self._properties = replace(PROPERTIES, num_queues=num_queues)
        self._dram = [bytearray(BANK_SIZE) for _ in PROPERTIES.dram_banks]
        self._l1: defaultdict[CoreCoord, bytearray] = defaultdict(lambda: bytearray(PROPERTIES.l1_size))
        self._next_id = 0
        self._next_address = {True: PROPERTIES.l1_base, False: PROPERTIES.dram_base}

    @property
    def properties(self) -> DeviceProperties:
        """What the device is."""
        return self._properties

    # ---- buffers

    def allocate(self, spec: BufferSpec) -> Allocation:
        """Place a buffer behind the last one; memory is never reused here, which a real allocator does."""
        banks = self._banks(spec)
        needed = -(-spec.num_pages // len(banks)) * self._step(spec)
        address = spec.address
        if address is None:
            is_l1 = spec.buffer_type.is_l1
            address = self._next_address[is_l1]
            if address + needed > len(banks[0]):
                raise OutOfMemory(f"{needed} bytes do not fit each bank any more; deallocate something")
            self._next_address[is_l1] = address + needed
        self._next_id += 1
        return Allocation(self._next_id, address, spec)

    def free(self, allocation: Allocation) -> None:
        """Forget a buffer."""

    def write(self, queue: int, allocation: Allocation, data: memoryview) -> None:
        """Deal the pages to the banks; this device does everything at once, so nothing waits in the queue."""
        for page, (bank, start) in enumerate(self._places(allocation)):
            size = allocation.spec.page_size
            bank[start : start + size] = data[page * size : (page + 1) * size]

    def read(self, queue: int, allocation: Allocation, out: memoryview) -> None:
        """Collect the pages from the banks."""
        for page, (bank, start) in enumerate(self._places(allocation)):
            size = allocation.spec.page_size
            out[page * size : (page + 1) * size] = bank[start : start + size]

    # ---- programs

    def load(self, image: ProgramImage) -> LoadedProgram:
        """Compile a program: the frontend checks kernels against the capabilities before it calls this."""
        raise Unsupported("this device runs no programs yet; fill in TemplateDevice.load and launch")

    def unload(self, loaded: LoadedProgram) -> None:
        """Forget a loaded program."""

    def launch(self, queue: int, loaded: LoadedProgram, state: LaunchState) -> None:
        """Place the program, check for clashes, and run it after the queue's earlier commands."""
        raise Unsupported("this device runs no programs yet; fill in TemplateDevice.load and launch")

    def finish(self, queue: int) -> None:
        """Wait for the queue: everything has happened already."""

    # ---- raw memory

    def write_l1(self, core: CoreCoord, address: int, data: memoryview) -> None:
        """Write into a core's L1."""
        self._l1[core][address : address + len(data)] = data

    def read_l1(self, core: CoreCoord, address: int, size: int) -> bytes:
        """Read from a core's L1."""
        return bytes(self._l1[core][address : address + size])

    def write_dram(self, bank: int, address: int, data: memoryview) -> None:
        """Write into a DRAM bank."""
        self._dram[bank][address : address + len(data)] = data

    def read_dram(self, bank: int, address: int, size: int) -> bytes:
        """Read from a DRAM bank."""
        return bytes(self._dram[bank][address : address + size])

    def close(self) -> None:
        """Release everything."""
        self._dram.clear()
        self._l1.clear()

    # ---- where pages lie

    def _banks(self, spec: BufferSpec) -> list[bytearray]:
        if spec.shards is not None:
            raise Unsupported("this device has no sharded buffers; it does not declare the capability")
        return [self._l1[core] for core in CORES] if spec.buffer_type.is_l1 else self._dram

    def _step(self, spec: BufferSpec) -> int:
        return -(-spec.page_size // GRANULE) * GRANULE

    def _places(self, allocation: Allocation) -> list[tuple[bytearray, int]]:
        banks, step = self._banks(allocation.spec), self._step(allocation.spec)
        pages = range(allocation.spec.num_pages)
        return [(banks[page % len(banks)], allocation.address + page // len(banks) * step) for page in pages]
