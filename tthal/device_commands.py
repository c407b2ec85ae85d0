"""What an open device is told to do: memory, launches, queues and device traces, one command at a time."""

from __future__ import annotations

import gc
import logging
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tthal import notebook
from tthal.buffer import Buffer, BufferPlace
from tthal.coordinates import CoreLike
from tthal.device_facts import DeviceFacts, DeviceNumber
from tthal.device_interface import (
    Allocation,
    BufferSpec,
    DeviceDriver,
    DeviceProperties,
    EventSink,
    LaunchState,
)
from tthal.device_trace import DeviceTraces, MeshTraceId
from tthal.errors import InvalidArgument, ObjectClosed, OutOfMemory, TthalError
from tthal.events import EventHub
from tthal.loaded_programs import LoadedPrograms
from tthal.selection import Selection
from tthal.sub_devices import SubDevices

if TYPE_CHECKING:
    from tthal.observer import Observer
    from tthal.program import Program

logger = logging.getLogger("tthal")


class DeviceCommands(DeviceFacts):
    """A device that takes commands; :class:`tthal.Device` adds the names that programs use.

    It may be used from several threads, one command at a time.

    Attributes:
        id: the device id it was opened with; a number that can also be called, as the vendor's ``device.id()`` is.
        selection: what was selected, after defaults and ``auto``.
        selection_reason: why, in words.
        sub_devices: the divisions of its cores, and which is in force.
        properties: what the device is.
    """

    def __init__(
        self, driver: DeviceDriver, device_id: int, selection: Selection, selection_reason: str, events: EventHub
    ) -> None:
        self.id = DeviceNumber(device_id)
        self.selection = selection
        self.selection_reason = selection_reason
        self.properties: DeviceProperties = driver.properties
        self._driver: DeviceDriver | None = driver
        self._process = os.getpid()
        self._events = events
        self._lock = threading.RLock()
        self._programs = LoadedPrograms()
        self._places: dict[int, BufferPlace] = {}
        self._released: deque[Allocation | BufferPlace] = deque()
        self._held: list[Allocation] = []
        self._in_flight: list[set[int]] = [set() for _ in range(self.properties.num_queues)]
        self._failures: dict[int, TthalError] = {}
        self._traces = DeviceTraces(int(selection.option_values.get("trace_region_size", "0")))
        self.sub_devices = SubDevices()
        self._finalizer = weakref.finalize(self, _close_forgotten, driver, str(self), self._process)

    def __repr__(self) -> str:
        state = "" if self.is_open else ", closed"
        return f"<Device {self.id}: {self.properties.board} by {str(self.selection)!r}{state}>"

    def _repr_html_(self) -> str:
        facts, grid = self.properties, self.properties.compute_grid
        return notebook.facts(
            f"device {self.id}: {facts.board}" + ("" if self.is_open else ", closed"),
            {
                "selection": f"{self.selection} ({self.selection_reason})",
                "architecture": facts.arch.name,
                "cores": f"{grid.x} x {grid.y}, {facts.l1_size // 1024} KB of L1 each",
                "DRAM": f"{len(facts.dram_banks)} banks of {facts.dram_bank_size >> 20} MB",
            },
        )

    def __str__(self) -> str:
        return f"device {self.id} ({self.properties.board}, {self.selection})"

    # ------------------------------------------------------------------------------------------ its life

    @property
    def is_open(self) -> bool:
        """Whether the device can still be used."""
        return self._driver is not None and self._process == os.getpid()

    def close(self) -> None:
        """Wait for the queues and close the device; closing twice does nothing.

        Raises:
            LaunchError: a launch failed whose failure no blocking call has raised yet; the device is closed anyway.
        """
        self._close(wait=True)

    def _close(self, wait: bool) -> None:
        with self._lock:
            driver, usable = self._driver, self.is_open
            if driver is None or not usable:
                return
            try:
                if wait:
                    self._drain(driver)
            finally:
                self._driver = None
                self._finalizer.detach()
                self._places.clear()
                self._events.settle()
                _close_whole(driver)

    # ------------------------------------------------------------------------------------------ loaded programs

    def num_program_cache_entries(self) -> int:
        """Return how many programs are compiled and loaded."""
        return len(self._programs)

    def enable_program_cache(self) -> None:
        """Do nothing: loaded programs are always kept."""

    def clear_program_cache(self) -> None:
        """Forget all loaded programs, after waiting for the queues."""
        with self._commanding() as driver:
            self._drain(driver)
            self._programs.trim(driver, keep=0)

    disable_and_clear_program_cache = clear_program_cache

    def set_program_cache_misses_allowed(self, allowed: bool, /) -> None:
        """Say whether programs that are new on the device may be launched, or are an error."""
        self._programs.misses_allowed = bool(allowed)

    def subscribe(self, sink: EventSink) -> Callable[[], None]:
        """Send the device's events to ``sink`` too; return what ends that."""
        return self._events.subscribe(sink)

    # ------------------------------------------------------------------------------------------ memory

    def observe(self, observer: Observer) -> None:
        """Let an observer hear of all that happens inside from now on; see :mod:`tthal.observer`.

        Raises:
            Unsupported: the device does not declare ``Capability.OBSERVABLE``.
        """
        with self._commanding() as driver:
            driver.observe(observer)

    def allocate(self, spec: BufferSpec) -> Allocation:
        """Place a buffer.

        Raises:
            OutOfMemory: no bank has room, even after all work is done and all dropped buffers are freed.
        """
        with self._commanding() as driver:
            try:
                return driver.allocate(spec)
            except OutOfMemory:
                if not self._reclaim(driver):
                    raise
            return driver.allocate(spec)

    def release(self, allocation: Allocation) -> None:
        """Give a buffer's memory back at the next command.

        It only notes the wish, so finalizers, other threads and users of a closed device may call it.
        """
        self._places.pop(allocation.id, None)
        if self._driver is not None:
            self._released.append(allocation)

    def release_with(self, buffer: Buffer, allocation: Allocation) -> None:
        """Give a buffer's memory back once nobody refers to the buffer any more."""
        # No line of Python runs when that happens, so no Ctrl-C can come between and leave the memory taken.
        place = self._places[allocation.id] = BufferPlace(buffer, self._released.append)
        place.allocation = allocation

    def buffers(self) -> list[Buffer]:
        """Return the buffers that somebody refers to and that own memory of this device, oldest first."""
        found = (place() for place in list(self._places.values()))
        return sorted((buffer for buffer in found if buffer is not None), key=lambda buffer: buffer.unique_id())

    def _free_released(self, driver: DeviceDriver) -> int:
        if not self._released and not self._held:
            return 0
        busy = set[int]().union(*self._in_flight)
        waiting, self._held = self._held, []
        freed = 0
        while waiting or self._released:
            allocation = waiting.pop() if waiting else self._next_released()
            if allocation.id in busy:
                self._held.append(allocation)
            else:
                driver.free(allocation)
                freed += 1
        return freed

    def _next_released(self) -> Allocation:
        released = self._released.popleft()
        if not isinstance(released, BufferPlace):
            return released
        self._places.pop(released.allocation.id, None)
        return released.allocation

    def _reclaim(self, driver: DeviceDriver) -> bool:
        """Free what can be freed by waiting and collecting; return whether anything was."""
        for queue in range(self.properties.num_queues):
            try:
                self._finish(driver, queue)
            except TthalError as error:
                # It belongs to the next blocking call on that queue, not to an allocation.
                self._failures.setdefault(queue, error)
        gc.collect()
        return self._free_released(driver) > 0

    # ------------------------------------------------------------------------------------------ commands

    @property
    def takes_strided_memory(self) -> bool:
        """Whether :meth:`write` and :meth:`read` take memory of any shape and strides; False once it is closed."""
        return self._driver is not None and self._driver.takes_strided_memory

    def write(self, queue: int, allocation: Allocation, data: memoryview, blocking: bool) -> None:
        """Write a whole buffer; ``data`` may be changed as soon as this returns.

        A write that is pending does not keep the buffer's place: the queue is in order, and on a card a place is free
        as soon as the buffer is.
        """
        with self._commanding() as driver:
            self._traces.refuse_while_capturing(queue, "writes")
            driver.write(queue, allocation, data)
            if blocking:
                self._finish(driver, queue)

    def read(self, queue: int, allocation: Allocation, out: memoryview, blocking: bool) -> None:
        """Read a whole buffer into ``out``; it is filled when the queue is finished, and keeps its place until then."""
        with self._commanding() as driver:
            self._traces.refuse_while_capturing(queue, "reads")
            self._in_flight[queue].add(allocation.id)
            driver.read(queue, allocation, out)
            if blocking:
                self._finish(driver, queue)

    def launch(self, queue: int, program: Program, blocking: bool) -> None:
        """Compile a program if it is new, and run it after the queue's earlier commands."""
        with self._commanding() as driver:
            self.sub_devices.check(kernel.core_ranges for kernel in program.kernels)
            if self._captured(queue, program, blocking):
                return
            self._run(driver, queue, program, None)
            program.freeze()
            if blocking:
                self._finish(driver, queue)

    def _run(self, driver: DeviceDriver, queue: int, program: Program, state: LaunchState | None) -> None:
        try:
            loaded = self._programs.get(driver, self.properties, program)
        finally:
            self._events.settle()
        state = program.launch_state() if state is None else state
        self._in_flight[queue].update(_used_by(state))
        driver.launch(queue, loaded, state)

    def finish(self, queue: int | None = None) -> None:
        """Wait for one queue, or for all.

        Raises:
            LaunchError: what went wrong on it since the last blocking call.
        """
        with self._commanding() as driver:
            for each in range(self.properties.num_queues) if queue is None else (queue,):
                self._traces.refuse_while_capturing(each, "waits")
            if queue is None:
                self._drain(driver)
            else:
                self._finish(driver, queue)

    def record_event(self, queue: int) -> int:
        """Mark a point in a queue."""
        with self._commanding() as driver:
            return driver.record_event(queue)

    def wait_for_event(self, waiting: int | None, queue: int, event: int) -> None:
        """Let a queue, or with None the host, wait for an event of a queue.

        Raises:
            LaunchError: what went wrong on the event's queue since the last blocking call.
        """
        with self._commanding() as driver:
            self._traces.refuse_while_capturing(queue, "waits")
            self._settle(driver, queue, lambda: driver.wait_for_event(waiting, queue, event))

    def quiesce_devices(self) -> None:
        """Wait for all queues."""
        self.finish()

    # ------------------------------------------------------------------------------------------ device traces

    def begin_trace(self, queue: int) -> MeshTraceId:
        """Capture launches on a queue from now on; see :func:`tthal.begin_trace_capture`."""
        with self._commanding():
            return self._traces.begin(queue)

    def end_trace(self, trace_id: int, queue: int) -> None:
        """Complete a trace; see :func:`tthal.end_trace_capture`."""
        with self._commanding():
            self._traces.end(trace_id, queue)

    def run_trace(self, trace_id: int, queue: int, blocking: bool) -> None:
        """Run a trace's launches as they were captured; see :func:`tthal.execute_trace`."""
        with self._commanding() as driver:
            self._traces.refuse_while_capturing(queue, "traces")
            for program, state in self._traces.launches(trace_id):
                self._run(driver, queue, program, state)
            if blocking:
                self._finish(driver, queue)

    def release_trace(self, trace_id: int) -> None:
        """Forget a trace."""
        with self._commanding():
            self._traces.release(trace_id)

    def captures_a_trace(self) -> bool:
        """Whether one of the queues captures a trace."""
        return any(self._traces.capturing(queue) for queue in range(self.properties.num_queues))

    def _captured(self, queue: int, program: Program, blocking: bool) -> bool:
        trace = self._traces.capturing(queue)
        if trace is None:
            return False
        if blocking:
            self._traces.refuse_while_capturing(queue, "blocking launches")
        if not self._programs.holds(program):
            raise InvalidArgument(
                "the program is new on the device, and a new program cannot be loaded during trace capture; launch it "
                "once before begin_trace_capture"
            )
        trace.launches.append((program, program.launch_state()))
        return True

    # ------------------------------------------------------------------------------------------ raw memory

    def write_l1(self, core: CoreLike, address: int, data: memoryview) -> None:
        """Write raw bytes into a core's L1 after waiting for all queues."""
        core = self.checked_core(core)
        with self._commanding() as driver:
            self._drain(driver)
            driver.write_l1(core, address, data)

    def read_l1(self, core: CoreLike, address: int, size: int) -> bytes:
        """Read raw bytes from a core's L1 after waiting for all queues."""
        core = self.checked_core(core)
        with self._commanding() as driver:
            self._drain(driver)
            return driver.read_l1(core, address, size)

    def write_dram(self, bank: int, address: int, data: memoryview) -> None:
        """Write raw bytes into a DRAM bank after waiting for all queues."""
        with self._commanding() as driver:
            self._drain(driver)
            driver.write_dram(bank, address, data)

    def read_dram(self, bank: int, address: int, size: int) -> bytes:
        """Read raw bytes from a DRAM bank after waiting for all queues."""
        with self._commanding() as driver:
            self._drain(driver)
            return driver.read_dram(bank, address, size)

    @contextmanager
    def _commanding(self) -> Iterator[DeviceDriver]:
        with self._lock:
            driver = self._driver
            if driver is None:
                raise ObjectClosed(f"{self} is closed; open it again with open_device() or CreateDevice()")
            if self._process != os.getpid():
                raise ObjectClosed(f"{self} was opened in process {self._process}; open one in each forked process")
            self._free_released(driver)
            yield driver

    def _drain(self, driver: DeviceDriver) -> None:
        first: TthalError | None = None
        for queue in range(self.properties.num_queues):
            try:
                self._finish(driver, queue)
            except TthalError as error:
                if first is not None:
                    logger.error("queue %d failed too: %s", queue, error)
                first = first or error
        if first is not None:
            raise first

    def _finish(self, driver: DeviceDriver, queue: int) -> None:
        self._settle(driver, queue, lambda: driver.finish(queue))

    def _settle(self, driver: DeviceDriver, queue: int, wait: Callable[[], None]) -> None:
        earlier = self._failures.pop(queue, None)
        try:
            wait()
        finally:
            self._events.settle()
            self._in_flight[queue].clear()
        if not any(self._in_flight):
            self._programs.trim(driver)
        if earlier is not None:
            raise earlier


def _used_by(state: LaunchState) -> Iterator[int]:
    for allocation in state.allocations:
        yield allocation.id
    for circular_buffer in state.circular_buffers:
        if circular_buffer.allocation is not None:
            yield circular_buffer.allocation.id


def _close_forgotten(driver: DeviceDriver, name: str, process: int) -> None:
    if process != os.getpid():
        return
    logger.debug("%s was never closed; closing it now", name)
    _close_whole(driver)


def _close_whole(driver: DeviceDriver) -> None:
    try:
        driver.close()
    except KeyboardInterrupt:
        # Nobody else will close it: what is left is let go of before the interrupt goes on.
        driver.close()
        raise
