"""The emulated device: wires memories, allocator, compiler, networks and scheduler to the device interface."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path

from tthal.coordinates import CoreCoord
from tthal.device_interface import (
    Allocation,
    BufferSpec,
    DeviceDriver,
    DeviceProperties,
    EventSink,
    LaunchFinished,
    LaunchState,
    LoadedProgram,
    ProgramImage,
    Progress,
)
from tthal.errors import DeviceError, Frame, InvalidArgument, TthalError
from tthal.observer import ObservedLaunch, Observer

from .board.allocator import BufferAllocator
from .board.first_content import fill_l1
from .compiler import Compiler, find_toolchain, kernel_cache, precompile_standard_headers
from .engine import EngineError, Module
from .engine.relaxed_madd import fuses_multiply_add
from .execution.compiled import compiled_part, listening_part, multiplying_part
from .execution.launches import Launches
from .execution.monitor import Description
from .noc.nodes import Nodes
from .opening import first_content, launch_options, machine_of
from .options import Options, SwitchAt
from .printed_lines import PrintedLines
from .program.argument_slots import Words
from .program.kernel_starts import TileOptions
from .program.loader import LoadedImage, PreparedLaunch, load
from .program.preamble import ExactVectorUnit
from .properties import device_properties
from .tensix.operations import Grade

INCLUDE_FOLDER = Path(__file__).resolve().parent / "kernel_side" / "include"


class EmulatedDevice(DeviceDriver):
    """One open board. Commands run when they are enqueued; what goes wrong is kept for :meth:`finish`."""

    takes_strided_memory = True

    def __init__(self, device_id: int, board: str, options: Options, events: EventSink) -> None:
        self._device_id = device_id
        self._events = events
        self._options = options
        self._machine = machine_of(board, options)
        toolchain, cache = find_toolchain(options.toolchain), kernel_cache()
        cache.trim()
        self._lines = PrintedLines(device_id, events, options.dprint)
        part = compiled_part(
            toolchain, cache, beside=partial(precompile_standard_headers, toolchain, [INCLUDE_FOLDER], cache)
        )
        self._listening_part = partial(listening_part, toolchain=toolchain, cache=cache)
        multiplying = partial(multiplying_part, part, toolchain, cache)
        self._launches = Launches(self._machine, part, multiplying, launch_options(options), self._frames)
        self._launches.observers.add(self._lines)
        self._memory = self._launches.memory
        self._compiler = Compiler(
            self._launches.engine, toolchain, [INCLUDE_FOLDER], cache, limits=options.compile_limits
        )
        self._compiler.announces_accesses = options.switch_at is SwitchAt.LOADS
        self._allocator = BufferAllocator(self._machine)
        self._content = first_content(options)
        if self._content is not None:
            fill_l1(self._memory.l1, self._machine.l1_base, self._content)
        self._failures: dict[int, BaseException] = {}
        self._events_recorded = 0
        self._properties = device_properties(self._machine, toolchain, options)
        self._description = Description(device_id, self._machine, self._properties, self._frames)

    @property
    def properties(self) -> DeviceProperties:
        """What the board is."""
        return self._properties

    def _frames(self, module: Module, site: int) -> tuple[Frame, ...]:
        return self._compiler.frames(module, site)

    def observe(self, observer: Observer) -> None:
        """See :class:`DeviceDriver`."""
        if observer.sources is not None:
            observer.built(self._listening_part(observer.sources))
        if observer.loads_and_stores:
            self._compiler.announces_accesses = True
        if observer.executed:
            self._compiler.counts_executed = True
        self._launches.observers.add(observer)

    # ---- buffers

    def allocate(self, spec: BufferSpec) -> Allocation:
        """See :class:`DeviceDriver`."""
        allocation = self._allocator.allocate(spec)
        if self._content is not None and spec.address is None:
            self._memory.write_buffer(allocation, self._content(spec.size).data)
        self._launches.observers.tell(lambda observer: observer.allocated(allocation))
        return allocation

    def free(self, allocation: Allocation) -> None:
        """See :class:`DeviceDriver`."""
        self._allocator.free(allocation)
        self._launches.observers.tell(lambda observer: observer.freed(allocation))

    def write(self, queue: int, allocation: Allocation, data: memoryview) -> None:
        """See :class:`DeviceDriver`."""
        if self._failures.get(queue) is None:
            self._launches.observers.tell(lambda observer: observer.accessed(queue, allocation, True))
            self._keep(queue, lambda: self._memory.write_buffer(allocation, data))

    def read(self, queue: int, allocation: Allocation, out: memoryview) -> None:
        """See :class:`DeviceDriver`."""
        if self._failures.get(queue) is None:
            self._launches.observers.tell(lambda observer: observer.accessed(queue, allocation, False))
            self._keep(queue, lambda: self._memory.read_buffer(allocation, out))

    # ---- programs

    @cached_property
    def _vector_unit(self) -> ExactVectorUnit | None:
        if self._options.numerics is not Grade.EXACT:
            return None
        return ExactVectorUnit(fuses_multiply_add(self._launches.engine))

    def load(self, image: ProgramImage) -> LoadedImage:
        """See :class:`DeviceDriver`."""
        grade, follow = self._options.numerics, self._options.follow
        options = TileOptions(grade, follow, not self._options.fast, self._vector_unit)
        loaded = load(image, self._machine, self._compiler, options, self._options.jobs, self._progress)
        if loaded.multiplies:
            self._launches.need_products()
        return loaded

    def unload(self, loaded: LoadedProgram) -> None:
        """See :class:`DeviceDriver`; a loaded program owns nothing but memory."""

    def launch(self, queue: int, loaded: LoadedProgram, state: LaunchState) -> None:
        """See :class:`DeviceDriver`."""
        if self._failures.get(queue) is not None:
            return
        if not isinstance(loaded, LoadedImage):
            raise InvalidArgument("the program was loaded by another device; load it here first")
        prepared = loaded.prepare(state, self._allocator.lowest_l1_address())
        words = loaded.config_words(prepared, state)
        describe = partial(self._description.launch, queue, loaded.image, state, prepared)
        self._keep(queue, lambda: self._run(loaded, prepared, words, describe))

    def finish(self, queue: int) -> None:
        """See :class:`DeviceDriver`."""
        self._launches.observers.tell(lambda observer: observer.finished(queue))
        self._raise_failure(queue)

    def record_event(self, queue: int) -> int:
        """See :class:`DeviceDriver`; commands run at once, so that events are for those who observe."""
        self._events_recorded += 1
        event = self._events_recorded
        self._launches.observers.tell(lambda observer: observer.event_recorded(queue, event))
        return event

    def wait_for_event(self, waiting: int | None, queue: int, event: int) -> None:
        """See :class:`DeviceDriver`."""
        self._launches.observers.tell(lambda observer: observer.event_awaited(waiting, queue, event))
        self._raise_failure(queue)

    def _raise_failure(self, queue: int) -> None:
        failure = self._failures.pop(queue, None)
        if failure is not None:
            raise failure

    def _run(
        self,
        loaded: LoadedImage,
        prepared: PreparedLaunch,
        words: Words,
        describe: Callable[[Nodes], ObservedLaunch],
    ) -> None:
        started = time.perf_counter()
        self._launches.run(prepared, words, describe)
        seconds = time.perf_counter() - started
        self._events(LaunchFinished(self._device_id, loaded.fingerprint, loaded.take_compile_seconds(), seconds))

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
        self._tell_raw("l1", self._machine.core_index(core), address, len(data), True)

    def read_l1(self, core: CoreCoord, address: int, size: int) -> bytes:
        """See :class:`DeviceDriver`."""
        self._tell_raw("l1", self._machine.core_index(core), address, size, False)
        return self._memory.read_l1(core, address, size)

    def write_dram(self, bank: int, address: int, data: memoryview) -> None:
        """See :class:`DeviceDriver`."""
        self._memory.write_dram(bank, address, data)
        self._tell_raw("dram", bank, address, len(data), True)

    def read_dram(self, bank: int, address: int, size: int) -> bytes:
        """See :class:`DeviceDriver`."""
        self._tell_raw("dram", bank, address, size, False)
        return self._memory.read_dram(bank, address, size)

    def _tell_raw(self, where: str, index: int, address: int, size: int, is_write: bool) -> None:
        self._launches.observers.tell(lambda observer: observer.accessed_raw(where, index, address, size, is_write))

    def close(self) -> None:
        """See :class:`DeviceDriver`."""
        self._failures.clear()
        if self._options.order_log is not None:
            self._launches.log_order(self._options.order_log)
        self._launches.close()
        self._lines.close()

    # ---- events

    def _progress(self, done: int, total: int, kernel: str) -> None:
        self._events(Progress(self._device_id, "compiling kernels", done, total))
