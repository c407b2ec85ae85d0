"""The device interface over the shim."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

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
from tthal.errors import CompileError, InvalidArgument, ObjectClosed, PlacementError, TthalError, Unsupported
from tthal_metal.lowering import Lowering
from tthal_metal.program import LoadedMetalProgram
from tthal_metal.properties import read_properties
from tthal_metal.runtime import Runtime, claim, release
from tthal_metal.settings import Settings, Target, target

# A transfer up to this size is copied and left to the library; a larger one is waited for instead of copied.
_COPIED_WRITE = 1 << 20


@dataclass(slots=True)
class _Queue:
    """A command queue: what it still reads from, and what went wrong on it."""

    failure: TthalError | None = None
    in_use: list[Any] = field(default_factory=list)


class MetalDevice(DeviceDriver):
    """A card, a simulated card or a mock device, opened in this process."""

    def __init__(self, runtime: Runtime, device_id: int, settings: Settings, events: EventSink) -> None:
        self._runtime = runtime
        self._shim = runtime.shim
        self._id = device_id
        self._events = events
        self._lock = threading.RLock()
        self._buffers: dict[int, Any] = {}
        self._programs: dict[str, LoadedMetalProgram] = {}
        self._next_id = 1
        self._target: Target = target()
        self._handle: Any = self._open(settings)
        try:
            self._properties = read_properties(runtime, self._handle, settings, self._target)
        except BaseException:
            self.close()
            raise
        self._queues = [_Queue() for _ in range(self._properties.num_queues)]

    def _open(self, settings: Settings) -> Any:
        self._claim = claim(self._id)
        try:
            config = self._shim.ffi.new("ttm_device_config *")
            config.device_id, config.num_queues = self._id, settings.num_command_queues
            config.l1_small_size, config.worker_l1_size = settings.l1_small_size, settings.worker_l1_size
            config.trace_region_size = settings.trace_region_size
            return self._shim.make("ttm_device *", "ttm_device_open", config, doing=f"open device {self._id}")
        except BaseException:
            release(self._claim)
            raise

    @property
    def properties(self) -> DeviceProperties:
        return self._properties

    # -------------------------------------------------------------------------------------- buffers

    def allocate(self, spec: BufferSpec) -> Allocation:
        with self._lock:
            lower = Lowering(self._shim.ffi)
            config, what = lower.buffer(spec), f"allocate {spec.size} B of {spec.buffer_type.name}"
            handle = self._shim.make("ttm_buffer *", "ttm_buffer_create", self._device(), config, doing=what)
            info = self._shim.ffi.new("ttm_buffer_info *")
            self._shim.call("ttm_buffer_describe", handle, info, doing="describe a buffer")
            allocation = Allocation(self._next_id, int(info.address), spec)
            self._next_id += 1
            self._buffers[allocation.id] = handle
            return allocation

    def free(self, allocation: Allocation) -> None:
        with self._lock:
            handle = self._buffers.pop(allocation.id, None)
            if handle is not None and self._handle is not None:
                self._shim.call("ttm_buffer_free", handle, doing="free a buffer")

    def _buffer(self, allocation: Allocation) -> Any:
        try:
            return self._buffers[allocation.id]
        except KeyError:
            raise ObjectClosed(f"buffer {allocation.id} of device {self._id} is not allocated (any more)") from None

    def write(self, queue: int, allocation: Allocation, data: memoryview) -> None:
        def command(state: _Queue) -> None:
            if not data.nbytes:
                return
            wait = data.nbytes > _COPIED_WRITE
            source = self._shim.ffi.from_buffer(data if wait else bytes(data))
            buffer = self._buffer(allocation)
            self._shim.call("ttm_buffer_write", buffer, queue, source, data.nbytes, wait, doing="write a buffer")
            if not wait:
                state.in_use.append(source)

        self._command(queue, command)

    def read(self, queue: int, allocation: Allocation, out: memoryview) -> None:
        def command(_: _Queue) -> None:
            if out.nbytes:
                space = self._shim.ffi.from_buffer(out, require_writable=True)
                self._shim.call(
                    "ttm_buffer_read", self._buffer(allocation), queue, space, out.nbytes, doing="read a buffer"
                )

        self._command(queue, command)

    # -------------------------------------------------------------------------------------- programs

    def load(self, image: ProgramImage) -> LoadedProgram:
        with self._lock:
            fingerprint = image.fingerprint
            loaded = self._programs.get(fingerprint)
            if loaded is None:
                self._events(Progress(self._id, "compiling kernels", 0, len(image.kernels)))
                loaded = LoadedMetalProgram.load(self._runtime, self._device(), image)
                self._events(Progress(self._id, "compiling kernels", len(image.kernels), len(image.kernels)))
                self._programs[fingerprint] = loaded
            return loaded

    def unload(self, loaded: LoadedProgram) -> None:
        with self._lock:
            mine = self._programs.pop(loaded.image.fingerprint, None)
            if mine is not None and self._handle is not None:
                mine.free()

    def launch(self, queue: int, loaded: LoadedProgram, state: LaunchState) -> None:
        if not isinstance(loaded, LoadedMetalProgram) or not loaded.variants:
            raise InvalidArgument("the program was loaded on another device, or unloaded since")

        def command(_: _Queue) -> None:
            started = time.perf_counter()
            variant = loaded.variant_for(state)
            variant.bring_to(state, self._buffer)
            variant.enqueue(queue)
            self._events(LaunchFinished(self._id, loaded.image.fingerprint, 0.0, time.perf_counter() - started))

        try:
            self._command(queue, command, at_once=(PlacementError, CompileError, Unsupported, InvalidArgument))
        except CompileError as error:
            raise loaded.in_user_terms(error) from error

    def circular_buffer_addresses(self, loaded: LoadedProgram) -> list[int]:
        """Return where the circular buffers of a loaded program lie; for comparisons, not part of the contract."""
        if not isinstance(loaded, LoadedMetalProgram):
            raise InvalidArgument("the program was loaded on another device")
        with self._lock:
            return loaded.variants[-1].circular_buffer_addresses()

    def finish(self, queue: int) -> None:
        with self._lock:
            state = self._queue(queue)
            failure, state.failure = state.failure, None
            try:
                self._shim.call("ttm_device_finish", self._device(), queue, doing="finish a queue")
            except TthalError as error:
                failure = failure or error
            finally:
                state.in_use.clear()
            if failure is not None:
                raise failure

    def _queue(self, queue: int) -> _Queue:
        if not 0 <= queue < len(self._queues):
            raise InvalidArgument(f"device {self._id} has {len(self._queues)} queues; there is no queue {queue}")
        return self._queues[queue]

    def _command(
        self, queue: int, command: Callable[[_Queue], None], at_once: tuple[type[TthalError], ...] = ()
    ) -> None:
        """Run a command unless an earlier one failed; keep its failure for ``finish``, except those ``at_once``."""
        with self._lock:
            state = self._queue(queue)
            self._device()
            if state.failure is not None:
                return
            try:
                command(state)
            except at_once:
                raise
            except TthalError as error:
                state.failure = error

    # -------------------------------------------------------------------------------------- raw memory

    def _drain(self) -> None:
        for queue in range(len(self._queues)):
            self._shim.call("ttm_device_finish", self._device(), queue, doing="finish a queue")
            self._queues[queue].in_use.clear()

    def write_l1(self, core: CoreCoord, address: int, data: memoryview) -> None:
        self._check_l1(core, address, data.nbytes)
        self._raw_write("ttm_l1_write", {"x": core.x, "y": core.y}, address, data, f"write L1 of core {core}")

    def read_l1(self, core: CoreCoord, address: int, size: int) -> bytes:
        self._check_l1(core, address, size)
        return self._raw_read("ttm_l1_read", {"x": core.x, "y": core.y}, address, size, f"read L1 of core {core}")

    def write_dram(self, bank: int, address: int, data: memoryview) -> None:
        self._check_dram(bank, address, data.nbytes)
        self._raw_write("ttm_dram_write", bank, address, data, f"write DRAM bank {bank}")

    def read_dram(self, bank: int, address: int, size: int) -> bytes:
        self._check_dram(bank, address, size)
        return self._raw_read("ttm_dram_read", bank, address, size, f"read DRAM bank {bank}")

    def _raw_write(self, function: str, place: Any, address: int, data: memoryview, doing: str) -> None:
        with self._lock:
            self._drain()
            if data.nbytes:
                source = self._shim.ffi.from_buffer(data)
                self._shim.call(function, self._device(), place, address, source, data.nbytes, doing=doing)

    def _raw_read(self, function: str, place: Any, address: int, size: int, doing: str) -> bytes:
        with self._lock:
            self._drain()
            space = bytearray(size)
            if size:
                target = self._shim.ffi.from_buffer(space)
                self._shim.call(function, self._device(), place, address, target, size, doing=doing)
            return bytes(space)

    # The library checks none of these and pokes whatever it is told to.
    def _check_l1(self, core: CoreCoord, address: int, size: int) -> None:
        grid = self._properties.compute_grid
        if core.x >= grid.x or core.y >= grid.y:
            raise InvalidArgument(f"core {core} is outside the grid of {grid.x} x {grid.y} cores")
        self._check_span("L1", address, size, self._properties.l1_size)

    def _check_dram(self, bank: int, address: int, size: int) -> None:
        banks = len(self._properties.dram_banks)
        if not 0 <= bank < banks:
            raise InvalidArgument(f"there is no DRAM bank {bank}; the device has {banks}, counted from 0")
        self._check_span(f"DRAM bank {bank}", address, size, self._properties.dram_bank_size)

    def _check_span(self, what: str, address: int, size: int, limit: int) -> None:
        if address < 0 or size < 0 or address + size > limit:
            raise InvalidArgument(f"{size} bytes at {address:#x} are not all inside {what} (0 to {limit:#x})")

    # -------------------------------------------------------------------------------------- its end

    def _device(self) -> Any:
        if self._handle is None:
            raise ObjectClosed(f"device {self._id} is closed")
        return self._handle

    def close(self) -> None:
        with self._lock:
            handle, self._handle = self._handle, None
            if handle is None:
                return
            try:
                for loaded in self._programs.values():
                    loaded.free()
                for buffer in self._buffers.values():
                    self._shim.call("ttm_buffer_free", buffer, doing="free a buffer")
            finally:
                self._programs.clear()
                self._buffers.clear()
                try:
                    self._shim.call("ttm_device_close", handle, doing=f"close device {self._id}")
                finally:
                    release(self._claim)
