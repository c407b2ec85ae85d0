"""The emulated device: wires memories, allocator, compiler, networks and scheduler to the device interface."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tthal.coordinates import CoreCoord
from tthal.device_interface import (
    Allocation,
    BufferSpec,
    Capability,
    DeviceDriver,
    DeviceProperties,
    EventSink,
    LaunchFinished,
    LaunchState,
    LoadedProgram,
    ProgramImage,
    Progress,
)
from tthal.errors import DeviceError, InvalidArgument, TthalError
from tthal.types import DataFormat

from . import abi
from .board.allocator import BufferAllocator
from .board.boards import find_board
from .board.machine import Machine
from .board.memory import Memory
from .compiler import Cache, Compiler, find_toolchain
from .compiler.tools import usable_cpus
from .diagnostics.kernel_prints import KernelPrints
from .engine import Engine, EngineError, EngineOptions, MemoryModel, Processor
from .engine.library import wasmtime_library
from .execution.compiled import CompiledLaunch, Stacks, compiled_part
from .execution.host_calls import HostCalls
from .execution.running import RunningKernel
from .execution.scheduler import TURN, Scheduler, Watchdog
from .noc.transfers import Noc, Port
from .options import Options
from .program.loader import BLOCK_TEMPLATE_SIZE, KernelStart, LoadedImage, TileOptions, load
from .tensix.operations import Grade
from .tensix.tile_unit import DST_SIZE, TileUnit

INCLUDE_FOLDER = Path(__file__).resolve().parent / "kernel_side" / "include"

CAPABILITIES = frozenset(
    {
        Capability.DATA_MOVEMENT_KERNELS,
        Capability.COMPUTE_KERNELS,
        Capability.SFPU,
        Capability.BLOCK_FLOAT,
        Capability.INTEGER_TILES,
        Capability.SHARDED_BUFFERS,
        Capability.EXPLICIT_ADDRESS,
        Capability.RAW_MEMORY_ACCESS,
        Capability.TWO_QUEUES,
        Capability.DPRINT,
        Capability.DETECTS_DEADLOCK,
        Capability.DETECTS_ILLEGAL_ACCESS,
    }
)
DATA_FORMATS = tuple(item for item in DataFormat if item is not DataFormat.Invalid)
_COUNTERS = abi.MAILBOX_COUNTERS + abi.MAILBOX_COUNTERS_SIZE


class EmulatedDevice(DeviceDriver):
    """One open board. Commands run when they are enqueued; what goes wrong is kept for :meth:`finish`."""

    def __init__(self, device_id: int, board: str, options: Options, events: EventSink) -> None:
        self._device_id = device_id
        self._events = events
        self._options = options
        self._machine = Machine(
            find_board(board),
            options.dispatch,
            options.l1_small_size,
            options.trace_region_size,
            options.worker_l1_size,
        )
        if options.num_command_queues not in (1, 2):
            raise InvalidArgument(f"num_command_queues is {options.num_command_queues}; a device has 1 or 2")
        toolchain = find_toolchain(options.toolchain)
        cache = Cache()
        cache.trim()
        part = compiled_part(toolchain, cache)
        self._launch = CompiledLaunch(part, self._machine.num_cores)
        self._stacks = Stacks(part, self._launch.callbacks)
        self._calls = HostCalls(self._launch)
        self._engine = Engine(
            self._calls.functions(),
            EngineOptions(options.memory or MemoryModel.best(), yield_interval=TURN, spin_interval=TURN),
            self._stacks.handle,
        )
        self._launch.fall_back_to(self._engine)
        self._compiler = Compiler(self._engine, toolchain, [INCLUDE_FOLDER], cache)
        self._cores = self._engine.core_memories(self._machine.num_cores, self._machine.chip.l1_size)
        self._memory = Memory(self._machine, self._cores.l1)
        self._allocator = BufferAllocator(self._machine)
        self._scheduler = Scheduler(
            options.seed, Watchdog(fuel=options.watchdog, seconds=options.timeout), self._launch
        )
        self._noc = Noc(self._machine, self._memory, self._cores.l1_bytes, self._launch.touch)
        self._launch.connect(self._noc.targets)
        self._calls.noc = self._noc
        self._prints = KernelPrints(device_id, events, options.print_file)
        self._calls.print_sink = self._prints.take
        self._idle: dict[tuple[int, int], tuple[KernelStart, RunningKernel]] = {}
        self._failures: dict[int, BaseException] = {}
        self._compile_seconds = 0.0
        self._properties = self._machine.properties(
            CAPABILITIES | ({Capability.EXACT_MATRIX_UNIT} if options.numerics is Grade.EXACT else set()),
            DATA_FORMATS,
            options.num_command_queues,
            {
                "wasmtime": wasmtime_library().version,
                "toolchain": toolchain.version,
                "numerics": options.numerics.value,
                "seed": str(options.seed),
            },
        )
        # Last, so that no thread is left behind when one of the above fails.
        if options.jobs != 1 and usable_cpus() > 1:
            self._launch.employ_worker()

    @property
    def properties(self) -> DeviceProperties:
        """What the board is."""
        return self._properties

    # ---- buffers

    def allocate(self, spec: BufferSpec) -> Allocation:
        """See :class:`DeviceDriver`."""
        return self._allocator.allocate(spec)

    def free(self, allocation: Allocation) -> None:
        """See :class:`DeviceDriver`."""
        self._allocator.free(allocation)

    def write(self, queue: int, allocation: Allocation, data: memoryview) -> None:
        """See :class:`DeviceDriver`."""
        if self._failures.get(queue) is None:
            self._keep(queue, lambda: self._memory.write_buffer(allocation, data))

    def read(self, queue: int, allocation: Allocation, out: memoryview) -> None:
        """See :class:`DeviceDriver`."""
        if self._failures.get(queue) is None:
            self._keep(queue, lambda: self._memory.read_buffer(allocation, out))

    # ---- programs

    def load(self, image: ProgramImage) -> LoadedImage:
        """See :class:`DeviceDriver`."""
        started = time.perf_counter()
        options = TileOptions(self._options.numerics, self._options.math_on_host)
        loaded = load(image, self._machine, self._compiler, options, self._options.jobs, self._progress)
        self._compile_seconds = time.perf_counter() - started
        return loaded

    def unload(self, loaded: LoadedProgram) -> None:
        """See :class:`DeviceDriver`; a loaded program owns nothing but memory."""

    def launch(self, queue: int, loaded: LoadedProgram, state: LaunchState) -> None:
        """See :class:`DeviceDriver`."""
        if self._failures.get(queue) is not None:
            return
        if not isinstance(loaded, LoadedImage):
            raise InvalidArgument("the program was loaded by another device; load it here first")
        placement = loaded.placer.place(state, self._allocator.lowest_l1_address())
        words = loaded.config_words(placement, state)
        starts = loaded.starts(placement)
        self._keep(queue, lambda: self._run(loaded, words, starts))

    def finish(self, queue: int) -> None:
        """See :class:`DeviceDriver`."""
        failure = self._failures.pop(queue, None)
        if failure is not None:
            raise failure

    def _run(self, loaded: LoadedImage, words: npt.NDArray[np.uint32], starts: tuple[KernelStart, ...]) -> None:
        started = time.perf_counter()
        self._launch.end()  # unless an interrupt kept the last launch from it, there is nothing left to do
        self._configure(loaded, words)
        running: list[RunningKernel] = []
        try:
            self._start_all(starts, running)
            self._scheduler.run(running, self._noc)
        finally:
            self._end(starts, running)
            self._prints.end_launch()
        compile_seconds, self._compile_seconds = self._compile_seconds, 0.0
        self._events(
            LaunchFinished(self._device_id, loaded.fingerprint, compile_seconds, time.perf_counter() - started)
        )

    def _configure(self, loaded: LoadedImage, words: npt.NDArray[np.uint32]) -> None:
        """Write arguments, semaphores and circular buffer configurations, and reset the counters."""
        base = self._machine.chip.config_base
        size = words.shape[1] * words.itemsize
        for core, row in zip(loaded.placer.core_indices, words.view(np.uint8), strict=True):
            self._cores.l1[core][base : base + size] = row
            self._cores.registers[core][:_COUNTERS] = 0

    # A loop inside `try` lets an interrupt at the end of a turn slip past `finally` (Python 3.13.0): hence the methods.
    def _start_all(self, starts: tuple[KernelStart, ...], running: list[RunningKernel]) -> None:
        for start in starts:
            running.append(self._start(start))

    def _start(self, start: KernelStart) -> RunningKernel:
        former = self._idle.pop((start.core, int(start.processor)), None)
        if former is not None and former[0] is start:
            kernel = former[1]
            kernel.renew()
        else:
            kernel = self._new_kernel(start)
        kernel.processor.block[:BLOCK_TEMPLATE_SIZE] = start.block
        kernel.processor.start(start.entry)
        return kernel

    def _new_kernel(self, start: KernelStart) -> RunningKernel:
        slot = int(start.processor)
        processor = Processor(start.module, self._cores, start.core, slot)
        kernel = RunningKernel(
            processor=processor,
            core=start.core,
            place=start.place,
            role=start.processor.name,
            kernel=start.name,
            port=Port(start.core, self._cores.l1_bytes[start.core], processor.block),
            registers=self._cores.registers_bytes[start.core].cast("I"),
            pages=start.pages,
            make_tile_unit=lambda address: self._tile_unit(start, slot, address),
        )
        processor.data = kernel
        return kernel

    def _end(self, starts: tuple[KernelStart, ...], running: list[RunningKernel]) -> None:
        """Keep processors whose kernels ended well for the next launch of the same program."""
        self._launch.end()
        for start, kernel in zip(starts, running, strict=False):
            if kernel.retire():
                self._idle[kernel.core, kernel.processor.slot] = start, kernel

    def _tile_unit(self, start: KernelStart, slot: int, address: int) -> TileUnit:
        if start.tiles is None:
            raise DeviceError("a data-movement kernel asks for tile math; only compute kernels have a matrix unit")
        return TileUnit(
            start.tiles, self._cores.l1[start.core], self._cores.private(start.core, slot, address, DST_SIZE)
        )

    def _keep(self, queue: int, work: Callable[[], None]) -> None:
        try:
            work()
        except TthalError as error:
            self._failures[queue] = error
        except EngineError as error:
            failure = DeviceError(f"the emulator's engine failed: {error}")
            failure.__cause__ = error
            self._failures[queue] = failure

    # ---- raw memory

    def write_l1(self, core: CoreCoord, address: int, data: memoryview) -> None:
        """See :class:`DeviceDriver`."""
        self._memory.write_l1(core, address, data)

    def read_l1(self, core: CoreCoord, address: int, size: int) -> bytes:
        """See :class:`DeviceDriver`."""
        return self._memory.read_l1(core, address, size)

    def write_dram(self, bank: int, address: int, data: memoryview) -> None:
        """See :class:`DeviceDriver`."""
        self._memory.write_dram(bank, address, data)

    def read_dram(self, bank: int, address: int, size: int) -> bytes:
        """See :class:`DeviceDriver`."""
        return self._memory.read_dram(bank, address, size)

    def close(self) -> None:
        """See :class:`DeviceDriver`."""
        self._failures.clear()
        self._prints.close()
        self._launch.close()
        while self._idle:
            self._idle.popitem()[1][1].processor.close()
        self._calls.close()  # loaded programs, which may live on, reach it through their engine
        self._memory.close()
        self._cores.close()

    # ---- events

    def _progress(self, done: int, total: int, kernel: str) -> None:
        self._events(Progress(self._device_id, "compiling kernels", done, total))
