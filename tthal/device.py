"""An open device: what programs, buffers and queues are used on."""

from __future__ import annotations

import gc
import logging
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from tthal import host_rules
from tthal.buffer import Buffer
from tthal.command_queue import CommandQueue, default_queue
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
from tthal.sub_devices import SubDevice, SubDeviceManagerId, SubDevices

if TYPE_CHECKING:
    from tthal.dispatch_cores import DispatchCoreConfig
    from tthal.observer import Observer
    from tthal.program import Program

logger = logging.getLogger("tthal")

_open_devices: weakref.WeakSet[Device] = weakref.WeakSet()
_open_devices_lock = threading.Lock()


def open_devices() -> list[Device]:
    """Return the devices that are open in this process."""
    with _open_devices_lock:
        return [device for device in _open_devices if device.is_open]


def device_of(buffer: Buffer) -> Device:
    """Return the device a buffer lives on.

    Raises:
        TypeError: it is no buffer, or lives on something else than an open device.
    """
    if not isinstance(buffer, Buffer):
        raise TypeError(f"a buffer is what CreateBuffer() returns, not {type(buffer).__name__}")
    device = buffer.device
    if not isinstance(device, Device):
        raise TypeError(f"{buffer!r} lives on {device!r}, which open_device() and CreateDevice() did not make")
    return device


class Device(DeviceFacts):
    """An open device; get one from :func:`tthal.open_device` or :func:`tthal.CreateDevice`.

    It may be used from several threads, one command at a time. As a context manager it closes itself at the end.

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
        self._released: deque[Allocation] = deque()
        self._held: list[Allocation] = []
        self._in_flight: list[set[int]] = [set() for _ in range(self.properties.num_queues)]
        self._failures: dict[int, TthalError] = {}
        self._traces = DeviceTraces(int(selection.option_values.get("trace_region_size", "0")))
        self.sub_devices = SubDevices()
        self._finalizer = weakref.finalize(self, _close_forgotten, driver, str(self), self._process)
        with _open_devices_lock:
            _open_devices.add(self)
        host_rules.opened(self, self.properties.host_rules)

    def __repr__(self) -> str:
        state = "" if self.is_open else ", closed"
        return f"<Device {self.id}: {self.properties.board} by {str(self.selection)!r}{state}>"

    def __str__(self) -> str:
        return f"device {self.id} ({self.properties.board}, {self.selection})"

    # ------------------------------------------------------------------------------------------ its life

    @staticmethod
    def create_unit_mesh(
        device_id: int,
        l1_small_size: int = 0,
        trace_region_size: int = 0,
        num_command_queues: int = 1,
        dispatch_core_config: DispatchCoreConfig | None = None,
        worker_l1_size: int = 0,
    ) -> Device:
        """Open a device as the C++ examples do; see :func:`tthal.open_device`."""
        from tthal.execution import open_device

        return open_device(
            device_id,
            l1_small_size=l1_small_size,
            trace_region_size=trace_region_size,
            num_command_queues=num_command_queues,
            dispatch_core_config=dispatch_core_config,
            worker_l1_size=worker_l1_size,
        )

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

    def __enter__(self) -> Device:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        # After an error nobody wants to wait for the rest of the work, and no second error should cover the first.
        self._close(wait=kind is None)

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
                self._events.settle()
                driver.close()

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
        if self._driver is not None:
            self._released.append(allocation)

    def _free_released(self, driver: DeviceDriver) -> int:
        if not self._released and not self._held:
            return 0
        busy = set[int]().union(*self._in_flight)
        waiting, self._held = self._held, []
        freed = 0
        while waiting or self._released:
            allocation = waiting.pop() if waiting else self._released.popleft()
            if allocation.id in busy:
                self._held.append(allocation)
            else:
                driver.free(allocation)
                freed += 1
        return freed

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

    def command_queue(self, id: int | None = None) -> CommandQueue:
        """Return one of the device's command queues; without an id the first, or that of ``ttnn.command_queue``.

        Raises:
            InvalidArgument: the device was opened with fewer queues.
        """
        count = self.properties.num_queues
        id = default_queue.get() if id is None else id
        if isinstance(id, bool) or not isinstance(id, int):
            raise TypeError(f"a command queue is named by an int, not {type(id).__name__}")
        if not 0 <= id < count:
            raise InvalidArgument(
                f"{self} has no command queue {id}; it was opened with {count} (CreateDevice(num_hw_cqs=2) opens two)"
            )
        return CommandQueue(self, id)

    mesh_command_queue = command_queue

    @property
    def takes_strided_memory(self) -> bool:
        """Whether :meth:`write` and :meth:`read` take memory of any shape and strides; False once it is closed."""
        return self._driver is not None and self._driver.takes_strided_memory

    def write(self, queue: int, allocation: Allocation, data: memoryview, blocking: bool) -> None:
        """Write a whole buffer; ``data`` may be changed as soon as this returns."""
        with self._commanding() as driver:
            self._traces.refuse_while_capturing(queue, "writes")
            self._in_flight[queue].add(allocation.id)
            driver.write(queue, allocation, data)
            if blocking:
                self._finish(driver, queue)

    def read(self, queue: int, allocation: Allocation, out: memoryview, blocking: bool) -> None:
        """Read a whole buffer into ``out``; it is filled when the queue is finished."""
        with self._commanding() as driver:
            self._traces.refuse_while_capturing(queue, "reads")
            self._in_flight[queue].add(allocation.id)
            driver.read(queue, allocation, out)
            if blocking:
                self._finish(driver, queue)

    def launch(self, queue: int, program: Program, blocking: bool) -> None:
        """Compile a program if it is new, and run it after the queue's earlier commands."""
        with self._commanding() as driver:
            self.sub_devices.check(program)
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

    # ------------------------------------------------------------------------------------------ sub-devices

    def create_sub_device_manager(self, sub_devices: Sequence[SubDevice], local_l1_size: int) -> SubDeviceManagerId:
        """Note a division of the cores into sub-devices; :meth:`load_sub_device_manager` puts it in force.

        Raises:
            InvalidArgument: a part lies outside the grid, or two share a core.
            Unsupported: L1 of their own for the parts.
        """
        return self.sub_devices.create(self, sub_devices, local_l1_size)

    def load_sub_device_manager(self, sub_device_manager_id: int) -> None:
        """Put a division in force: a program must stay within one sub-device from now on."""
        self.sub_devices.load(sub_device_manager_id)

    def clear_loaded_sub_device_manager(self) -> None:
        """Let the whole grid be one again."""
        self.sub_devices.clear()

    def remove_sub_device_manager(self, sub_device_manager_id: int) -> None:
        """Forget a division that is not in force."""
        self.sub_devices.remove(sub_device_manager_id)

    def set_sub_device_stall_group(self, sub_device_ids: Sequence[int]) -> None:
        """Say for which sub-devices commands wait: here they wait for all in any case."""
        self.sub_devices.check_ids(sub_device_ids)

    def reset_sub_device_stall_group(self) -> None:
        """Let commands wait for all sub-devices."""

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
        earlier = self._failures.pop(queue, None)
        try:
            driver.finish(queue)
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
    driver.close()
