"""The ``null`` backend: accepts everything, computes nothing, reads zeros.

It shows that the contract stands without the emulator, and that a conformance suite notices a device that does
nothing. Its queues are asynchronous in the strictest way: no command happens before ``finish``. Put this folder on
``sys.path`` (or ``PYTHONPATH``) and it is installed: the dist-info beside this file holds its entry point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tthal.coordinates import CoreCoord
from tthal.device_interface import (
    Alignments,
    Allocation,
    Availability,
    Backend,
    BufferSpec,
    Capability,
    DeviceDriver,
    DeviceProperties,
    DramBank,
    EventSink,
    LaunchFinished,
    LaunchState,
    Limits,
    LoadedProgram,
    ProgramImage,
    Progress,
)
from tthal.errors import DeviceError, OutOfMemory, SelectionError
from tthal.plugins import hookimpl
from tthal.types import Arch, BufferType, DataFormat, DispatchMode

GRID = CoreCoord(8, 8)
DRAM_BASE, L1_BASE, ALIGNMENT = 1_048_640, 105_824, 32
BANKS = {BufferType.DRAM: 12, BufferType.L1: 64}

PROPERTIES = DeviceProperties(
    arch=Arch.WORMHOLE_B0,
    board="null",
    dispatch_mode=DispatchMode.FAST,
    compute_grid=GRID,
    worker_virtual=tuple((18 + x, 18 + y) for y in range(GRID.y) for x in range(GRID.x)),
    l1_size=1_499_136,
    l1_base=L1_BASE,
    l1_banks=tuple(CoreCoord(x, y) for y in range(GRID.y) for x in range(GRID.x)),
    dram_banks=tuple(DramBank((0, bank), (0, bank), 0) for bank in range(BANKS[BufferType.DRAM])),
    dram_base=DRAM_BASE,
    dram_bank_size=1 << 30,
    alignments=Alignments(32, 16, 32, 32, 32, 16, 16),
    limits=Limits(runtime_args=341, circular_buffers=32, semaphores=16),
    max_noc_burst=8192,
    tile_shapes=((32, 32), (16, 32)),
    data_formats=tuple(DataFormat),
    num_queues=1,
    accessor_encoding=1,
    capabilities=frozenset(Capability) - {Capability.ETHERNET, Capability.OBSERVABLE},
)


@dataclass
class NullProgram:
    """A program that was accepted."""

    image: ProgramImage
    fingerprint: str


class NullDevice(DeviceDriver):
    """Accepts everything; with ``fail_launch=N,M`` those launches (from 1) fail when they happen, in ``finish``."""

    def __init__(
        self, device_id: int, num_queues: int, failing: frozenset[int], memory: int, events: EventSink
    ) -> None:
        self._properties = DeviceProperties(
            **{name: getattr(PROPERTIES, name) for name in PROPERTIES.__slots__ if name != "num_queues"},
            num_queues=num_queues,
        )
        self._device_id = device_id
        self._failing = failing
        self._events = events
        self._room = memory
        self._next_id = 0
        self._launches = 0
        self._queues: list[list[Callable[[], None]]] = [[] for _ in range(num_queues)]
        self.live: dict[int, Allocation] = {}
        self.loaded: dict[str, NullProgram] = {}
        self.is_closed = False

    @property
    def properties(self) -> DeviceProperties:
        return self._properties

    def allocate(self, spec: BufferSpec) -> Allocation:
        if spec.size > self._room:
            raise OutOfMemory(f"the null device has {self._room} bytes left, {spec.size} are wanted")
        self._room -= spec.size
        self._next_id += 1
        base = DRAM_BASE if spec.buffer_type == BufferType.DRAM else L1_BASE
        address = base + self._next_id * ALIGNMENT if spec.address is None else spec.address
        allocation = self.live[self._next_id] = Allocation(self._next_id, address, spec)
        return allocation

    def free(self, allocation: Allocation) -> None:
        if self.live.pop(allocation.id, None) is not None:
            self._room += allocation.spec.size

    def write(self, queue: int, allocation: Allocation, data: memoryview) -> None:
        self._queues[queue].append(lambda: None)

    def read(self, queue: int, allocation: Allocation, out: memoryview) -> None:
        def fill() -> None:
            out[:] = bytes(len(out))

        self._queues[queue].append(fill)

    def load(self, image: ProgramImage) -> LoadedProgram:
        count = len(image.kernels)
        for done in range(count + 1):
            self._events(Progress(self._device_id, "accepting kernels", done, count))
        fingerprint = image.fingerprint
        return self.loaded.setdefault(fingerprint, NullProgram(image, fingerprint))

    def unload(self, loaded: LoadedProgram) -> None:
        self.loaded.pop(loaded.image.fingerprint, None)

    def launch(self, queue: int, loaded: LoadedProgram, state: LaunchState) -> None:
        self._launches += 1
        number = self._launches
        fingerprint = next(key for key, program in self.loaded.items() if program is loaded)

        def run() -> None:
            if number in self._failing:
                raise DeviceError(f"launch {number} failed, as asked")
            self._events(LaunchFinished(self._device_id, fingerprint, 0.0, 0.0))

        self._queues[queue].append(run)

    def finish(self, queue: int) -> None:
        commands, self._queues[queue] = self._queues[queue], []
        for command in commands:
            command()

    def write_l1(self, core: CoreCoord, address: int, data: memoryview) -> None:
        pass

    def read_l1(self, core: CoreCoord, address: int, size: int) -> bytes:
        return bytes(size)

    def write_dram(self, bank: int, address: int, data: memoryview) -> None:
        pass

    def read_dram(self, bank: int, address: int, size: int) -> bytes:
        return bytes(size)

    def close(self) -> None:
        self.is_closed = True


class NullBackend(Backend):
    """Opens devices that do nothing."""

    name = "null"
    summary = "accepts everything, computes nothing, reads zeros"
    interface_version = 1
    option_help: Mapping[str, str] = {
        "fail_launch": "which launches fail, from 1, as 1,3",
        "memory": "bytes that buffers may take in all",
    }

    def __init__(self) -> None:
        self.opened: list[NullDevice] = []

    def probe(self) -> Availability:
        return Availability(True, details={"devices": "2"})

    def open(self, device_id: int, argument: str, options: Mapping[str, str], events: EventSink) -> NullDevice:
        device = NullDevice(
            device_id,
            _number("num_command_queues", options.get("num_command_queues", "1")),
            frozenset(_number("fail_launch", each) for each in options.get("fail_launch", "0").split(",")),
            _number("memory", options.get("memory", str(1 << 34))),
            events,
        )
        self.opened.append(device)
        return device


def _number(key: str, text: str) -> int:
    if not text.isdecimal():
        raise SelectionError(f"option {key!r} of the null backend is a number, not {text!r}")
    return int(text)


_BACKEND = NullBackend()


@hookimpl
def tthal_backend() -> Backend:
    return _BACKEND
