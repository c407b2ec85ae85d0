"""What a device's launches run on, and how one runs: cores and networks are made ready, kernels start, run and end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tthal.errors import DeviceError, Frame
from tthal.observer import ObservedLaunch
from tthal_emulator import abi
from tthal_emulator.board.device_memory import DeviceMemory
from tthal_emulator.board.machine import Machine
from tthal_emulator.diagnostics.kernel_prints import KernelPrints
from tthal_emulator.engine import Engine, EngineOptions, MemoryModel, Module, Processor, core_memories
from tthal_emulator.engine.callbacks import Callbacks
from tthal_emulator.engine.libwasmtime import wasmtime_library
from tthal_emulator.engine.memory_map import SLOTS
from tthal_emulator.noc.nodes import Nodes
from tthal_emulator.noc.ports import Port
from tthal_emulator.noc.transfers import Noc
from tthal_emulator.program.argument_slots import Words
from tthal_emulator.program.config_region import RiscType
from tthal_emulator.program.kernel_starts import BLOCK_TEMPLATE_SIZE, KernelStart
from tthal_emulator.program.loader import PreparedLaunch
from tthal_emulator.tensix.tile_unit import DST_SIZE, TileUnit

from .compiled import CompiledLaunch, PageMover, Stacks
from .compiled.order import Order
from .deadline import Deadline
from .host_calls import HostCalls
from .monitor import Observers
from .running import RunningKernel
from .scheduler import Scheduler
from .spin_detection import TURN, Watchdog

_ARGUMENTS = abi.PROCESSOR_BLOCK.offsets["compile_time_args"]
_POLLED = abi.PROCESSOR_BLOCK.offsets["polled"]


@dataclass(frozen=True, slots=True)
class LaunchOptions:
    """How launches run.

    Attributes:
        memory_model: how the processors of a core share memory.
        order: how launches choose between orders of events.
        late_reads: whether they choose, too, when the data of a flush's writes are read.
        at_accesses: whether they choose at loads and stores of L1, too.
        workers: how many other threads do matrix products beside the kernels.
        fast: whether compiled code carries out what transfers it can; else Python's definition does all.
    """

    memory_model: MemoryModel
    order: Order = field(default_factory=Order)
    late_reads: bool = False
    at_accesses: bool = False
    watchdog: Watchdog = field(default_factory=Watchdog)
    workers: int = 0
    fast: bool = True


class Launches:
    """Runs the launches of one device, one after the other.

    Args:
        part: the compiled part.
        multiplying: opens the part that multiplies tiles, which takes long to build.
        frames_of: from a module and a site to the calls that lead there.

    Attributes:
        engine: compiles kernels for them.
        memory: DRAM and L1 of the device.
        observers: who listens to the launches.
    """

    def __init__(
        self,
        machine: Machine,
        part: Any,
        multiplying: Callable[[], Any],
        options: LaunchOptions,
        frames_of: Callable[[Module, int], tuple[Frame, ...]],
    ) -> None:
        self._machine = machine
        self._frames_of = frames_of
        callbacks = Callbacks(wasmtime_library().ffi)
        self._stacks = Stacks(part, callbacks)
        self.engine = Engine(EngineOptions(options.memory_model, yield_interval=TURN), self._stacks.handle)
        self._cores = core_memories(self.engine, machine.num_cores, machine.chip.l1_size)
        self.memory = DeviceMemory(machine, self._cores.l1, PageMover(part))
        self._nodes = Nodes(machine, self.memory, self._cores.l1_bytes)
        self._compiled = CompiledLaunch(part, multiplying, machine.num_cores, self._nodes, callbacks)
        self.observers = Observers(self._compiled)
        self._prints = KernelPrints(self.observers.printed)
        deadline = Deadline()
        self._noc = noc = Noc(self._nodes, self._compiled, deadline.look)
        self.engine.offer(HostCalls(noc, self._prints, deadline).functions(self._compiled))
        self._scheduler = Scheduler(options.watchdog, deadline, self._compiled, noc)
        self._compiled.follow(options.order, options.late_reads, options.at_accesses)
        self._idle: dict[int, RunningKernel] = {}
        if not options.fast:
            self._compiled.leave_transfers_to_host()
        # Last, so that no thread is left behind when one of the above fails.
        if options.workers:
            self._compiled.start_workers(options.workers)

    def run(self, prepared: PreparedLaunch, words: Words, describe: Callable[[Nodes], ObservedLaunch]) -> None:
        """Run a launch to its end.

        Args:
            words: the content of the cores' configuration regions, one row per core.
            describe: called when somebody observes the launch.

        Raises:
            KernelError, DeadlockError, LaunchError: see :meth:`Scheduler.run`.
        """
        if self.observers:
            self.observers.listen(describe(self._nodes), lambda: self._run(prepared, words))
        else:
            self._run(prepared, words)

    def _run(self, prepared: PreparedLaunch, words: Words) -> None:
        self._compiled.end()  # unless an interrupt kept the last launch from it, there is nothing left to do
        self._configure(prepared.cores, words)
        running: list[RunningKernel] = []
        try:
            self._start_all(prepared.starts, running)
            self._scheduler.run(running)
        finally:
            try:
                self.observers.tell(lambda observer: observer.stopped(self._static_data))
            finally:
                self._end(running)
                self._prints.end_launch()

    def _static_data(self, index: int, address: int, size: int) -> bytes:
        return bytes(self._cores.private(index // SLOTS, index % SLOTS, address, size))

    def need_products(self) -> None:
        """Have what multiplies tiles ready: to be called before a kernel runs that needs it.

        Raises:
            BackendUnavailable: it cannot be built or opened.
        """
        self._compiled.need_products()

    def log_order(self, path: Path) -> None:
        """Append to a file which order of events the launches have had so far."""
        self._compiled.taken.append_to(path, self._processor_name)

    def _processor_name(self, index: int) -> str:
        core = self._machine.core(index // SLOTS)
        return f"core ({core.x},{core.y}) {RiscType(index % SLOTS).name}"

    def close(self) -> None:
        """Let go of cores, memory and thread; no launch may run, nor follow."""
        self._compiled.stop_workers()
        while self._idle:
            self._idle.popitem()[1].processor.close()
        # Loaded programs, which may live on, reach these through their engine.
        self._nodes.close()
        self.memory.close()
        self._cores.close()
        self._compiled.close()

    def _configure(self, cores: Sequence[int], words: Words) -> None:
        """Write arguments, semaphores and circular buffer configurations, and reset the counters."""
        base = self._machine.chip.config_base
        size = words.shape[1] * words.itemsize
        for core, row in zip(cores, words.view(np.uint8), strict=True):
            self._cores.l1[core][base : base + size] = row
            self._cores.registers[core][: abi.COUNTERS_SIZE] = 0

    # A loop inside `try` lets an interrupt at the end of a turn slip past `finally` (Python 3.13.0): hence the methods.
    def _start_all(self, starts: Sequence[KernelStart], running: list[RunningKernel]) -> None:
        for start in starts:
            running.append(self._start(start))

    def _start(self, start: KernelStart) -> RunningKernel:
        kernel = self._idle.pop(_index(start), None)
        if kernel is None or kernel.processor.module is not start.module:
            kernel = self._new_kernel(start)
        else:
            self._renew(kernel, start)
        block = kernel.processor.block
        block[:BLOCK_TEMPLATE_SIZE] = start.block
        if start.arguments:
            block[_ARGUMENTS : _ARGUMENTS + len(start.arguments)] = start.arguments
        block[_POLLED : _POLLED + 4] = bytes(4)
        kernel.processor.start(start.entry)
        return kernel

    def _new_kernel(self, start: KernelStart) -> RunningKernel:
        index = _index(start)
        processor = Processor(start.module, self._cores, start.core, int(start.risc))
        kernel = RunningKernel(
            index=index,
            processor=processor,
            start=start,
            port=Port(index, start.core, self._cores.l1_bytes[start.core], processor.block),
            registers=self._cores.registers_bytes[start.core].cast("I"),
            make_tile_unit=self._tile_unit,
            find_wait=self._compiled.waiting,
            find_frames=self._frames_of,
        )
        processor.data = kernel
        self._compiled.enter(index, processor, kernel.port, kernel.registers, kernel.pages)
        return kernel

    def _renew(self, kernel: RunningKernel, start: KernelStart) -> None:
        if kernel.start is not start and kernel.pages != start.pages:
            self._compiled.set_pages(kernel.index, start.pages)
        kernel.renew(start)

    def _end(self, running: Sequence[RunningKernel]) -> None:
        """Keep processors whose kernels ended well: the next launch mostly runs the same modules there."""
        self._compiled.end()
        for kernel in running:
            if kernel.retire():
                self._idle[kernel.index] = kernel

    def _tile_unit(self, start: KernelStart, address: int) -> TileUnit:
        if start.tiles is None:
            raise DeviceError("a data-movement kernel asks for tile math; only compute kernels have a matrix unit")
        return TileUnit(
            start.tiles, self._cores.l1[start.core], self._cores.private(start.core, int(start.risc), address, DST_SIZE)
        )


def _index(start: KernelStart) -> int:
    return start.core * SLOTS + int(start.risc)
