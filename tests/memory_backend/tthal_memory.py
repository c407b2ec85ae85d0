"""The ``memory`` backend: a small device that works, for the tests of record and replay.

It allocates, keeps bytes, and runs a toy kernel language whose meaning is easy to predict: the first word of a kernel's
source is the operation, the runtime arguments of each core are the addresses it works on. ``add`` and ``xor`` take
(first, second, result) and work on 16-bit words, ``copy`` takes (source, result), ``idle`` does nothing. ``trap`` fails
while running, ``hang`` waits for ever, ``broken`` does not compile. Queues are asynchronous: nothing happens before
``finish``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

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
    KernelImage,
    LaunchState,
    Limits,
    LoadedProgram,
    ProgramImage,
)
from tthal.errors import (
    CompileError,
    DeadlockError,
    Diagnostic,
    Frame,
    KernelError,
    OutOfMemory,
    PlacementError,
    ProcessorState,
    SelectionError,
    SourceLocation,
)
from tthal.plugins import hookimpl
from tthal.types import Arch, DataFormat, DispatchMode

GRID = CoreCoord(2, 2)
FIRST_ADDRESS = 4096
CAPACITY = 64 << 20

PROPERTIES = DeviceProperties(
    arch=Arch.WORMHOLE_B0,
    board="toy",
    dispatch_mode=DispatchMode.SLOW,
    compute_grid=GRID,
    worker_virtual=((18, 18), (19, 18), (18, 19), (19, 19)),
    l1_size=1 << 20,
    l1_base=FIRST_ADDRESS,
    l1_banks=tuple(CoreCoord(x, y) for y in range(GRID.y) for x in range(GRID.x)),
    dram_banks=(DramBank((0, 0), (9, 9), 0), DramBank((0, 5), (9, 4), 0)),
    dram_base=FIRST_ADDRESS,
    dram_bank_size=1 << 30,
    alignments=Alignments(32, 16, 32, 32, 32, 16, 16),
    limits=Limits(),
    max_noc_burst=8192,
    tile_shapes=((32, 32),),
    data_formats=(DataFormat.Float16_b, DataFormat.UInt16),
    num_queues=2,
    accessor_encoding=1,
    capabilities=frozenset(
        {
            Capability.DATA_MOVEMENT_KERNELS,
            Capability.EXPLICIT_ADDRESS,
            Capability.RAW_MEMORY_ACCESS,
            Capability.SHARDED_BUFFERS,
            Capability.TWO_QUEUES,
        }
    ),
    library_versions={"toy": "1.0"},
)


@dataclass(frozen=True)
class MemoryProgram:
    """A program of the toy language."""

    image: ProgramImage


class MemoryDevice(DeviceDriver):
    """Keeps buffers as bytes by address; ``skew`` is added to every word that a kernel stores."""

    def __init__(self, board: str, skew: int, gap: int) -> None:
        self._properties = replace(PROPERTIES, board=board)
        self._skew = skew
        self._gap = gap
        self._next = FIRST_ADDRESS + gap
        self._ids = 0
        self._contents: dict[int, bytearray] = {}
        self._raw: dict[tuple[object, int], int] = {}
        self._queues: dict[int, list[Callable[[], None]]] = {}
        self.live: dict[int, Allocation] = {}
        self.closed = False

    @property
    def properties(self) -> DeviceProperties:
        return self._properties

    def allocate(self, spec: BufferSpec) -> Allocation:
        if sum(each.spec.size for each in self.live.values()) + spec.size > CAPACITY:
            raise OutOfMemory(f"the toy device has no room for {spec.size} bytes")
        address = self._place(spec.size) if spec.address is None else spec.address
        self._ids += 1
        allocation = Allocation(self._ids, address, spec)
        self._contents[address] = bytearray(spec.size)
        if spec.address is None:
            self.live[allocation.id] = allocation
        return allocation

    def _place(self, size: int) -> int:
        """First fit, so that freed addresses come back as on a real device."""
        address = FIRST_ADDRESS + self._gap
        for each in sorted(self.live.values(), key=lambda allocation: allocation.address):
            if address + size <= each.address:
                break
            address = max(address, each.address + -(-each.spec.size // 32) * 32)
        return address

    def free(self, allocation: Allocation) -> None:
        self.live.pop(allocation.id, None)

    def write(self, queue: int, allocation: Allocation, data: memoryview) -> None:
        copied = bytes(data)
        self._later(queue, lambda: self._contents.update({allocation.address: bytearray(copied)}))

    def read(self, queue: int, allocation: Allocation, out: memoryview) -> None:
        def fill() -> None:
            out[:] = self._contents[allocation.address]

        self._later(queue, fill)

    def load(self, image: ProgramImage) -> LoadedProgram:
        for kernel in image.kernels:
            if _operation(kernel) == "broken":
                place = SourceLocation(kernel.content.source_name, 1, 1)
                found = Diagnostic(kernel.content.name, "error", "expected an operation", place, "broken\n^")
                raise CompileError("a kernel does not compile", [found])
        return MemoryProgram(image)

    def unload(self, loaded: LoadedProgram) -> None:
        pass

    def launch(self, queue: int, loaded: LoadedProgram, state: LaunchState) -> None:
        if len(state.kernels) != len(loaded.image.kernels):
            raise PlacementError("the launch state does not fit the image")

        def run() -> None:
            for kernel, arguments in zip(loaded.image.kernels, state.kernels, strict=True):
                for core, words in arguments.per_core:
                    self._run(kernel, core, words)

        self._later(queue, run)

    def _run(self, kernel: KernelImage, core: CoreCoord, words: tuple[int, ...]) -> None:
        operation, name = _operation(kernel), kernel.content.name
        where = SourceLocation(kernel.content.source_name, 1)
        if operation == "trap":
            frame = Frame("kernel_main", where)
            raise KernelError(
                "an illegal access",
                core=(core.x, core.y),
                processor="BRISC",
                kernel=name,
                backtrace=[frame],
                location=where,
            )
        if operation == "idle":
            return
        if operation == "hang":
            raise DeadlockError("nobody can run", [ProcessorState((core.x, core.y), "BRISC", name, "waits", where)])
        *sources, result = (self._contents[word] for word in words[: 2 if operation == "copy" else 3])
        values = [np.frombuffer(bytes(source), "<u2") for source in sources]
        computed = {"add": np.add, "xor": np.bitwise_xor}[operation](*values) if operation != "copy" else values[0]
        result[:] = (computed + np.uint16(self._skew)).astype("<u2").tobytes()[: len(result)]

    def finish(self, queue: int) -> None:
        commands = self._queues.pop(queue, [])
        for command in commands:
            command()

    def _later(self, queue: int, command: Callable[[], None]) -> None:
        self._queues.setdefault(queue, []).append(command)

    def _drain(self) -> None:
        for queue in sorted(self._queues):
            self.finish(queue)

    def write_l1(self, core: CoreCoord, address: int, data: memoryview) -> None:
        self._write_raw(core, address, data)

    def read_l1(self, core: CoreCoord, address: int, size: int) -> bytes:
        return self._read_raw(core, address, size)

    def write_dram(self, bank: int, address: int, data: memoryview) -> None:
        self._write_raw(bank, address, data)

    def read_dram(self, bank: int, address: int, size: int) -> bytes:
        return self._read_raw(bank, address, size)

    def _write_raw(self, place: object, address: int, data: memoryview) -> None:
        self._drain()
        for offset, value in enumerate(bytes(data)):
            self._raw[place, address + offset] = value

    def _read_raw(self, place: object, address: int, size: int) -> bytes:
        self._drain()
        return bytes(self._raw.get((place, address + offset), 0) for offset in range(size))

    def close(self) -> None:
        self.closed = True


def _operation(kernel: KernelImage) -> str:
    return kernel.content.source.split()[0]


class MemoryBackend(Backend):
    """Opens toy devices; the argument names the board, ``skew`` makes its results wrong, ``gap`` moves its buffers."""

    name = "memory"
    summary = "a toy device that adds 16-bit words"
    interface_version = 1
    option_help: Mapping[str, str] = {
        "skew": "what is added to every result word",
        "gap": "bytes left free before the first buffer",
        "fail": "yes: opening fails",
    }
    argument_help = "the name of the board"

    def __init__(self) -> None:
        self.opened: list[MemoryDevice] = []

    def probe(self) -> Availability:
        return Availability(True)

    def open(self, device_id: int, argument: str, options: Mapping[str, str], events: EventSink) -> MemoryDevice:
        if options.get("fail") == "yes":
            raise SelectionError("the toy device was asked not to open")
        device = MemoryDevice(argument or "toy", int(options.get("skew", "0")), int(options.get("gap", "0")))
        self.opened.append(device)
        return device


@hookimpl
def tthal_backend() -> Backend:
    return MemoryBackend()
