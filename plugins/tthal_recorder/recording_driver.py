"""A device that records every call with its result or its failure, and passes it on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from msgspec.structs import replace

from tthal.coordinates import CoreCoord
from tthal.device_interface import (
    Allocation,
    BufferSpec,
    DeviceDriver,
    DeviceProperties,
    LaunchState,
    LoadedProgram,
    ProgramImage,
)
from tthal.kit.error_codec import record_error
from tthal.observer import Observer
from tthal.trace.codec import encode, encode_image
from tthal.trace.recording import Recording
from tthal.trace.schema import (
    Allocate,
    CallBase,
    Close,
    Finish,
    Free,
    Launch,
    Load,
    Read,
    ReadData,
    ReadDram,
    ReadL1,
    Unload,
    Write,
    WriteDram,
    WriteL1,
)

T = TypeVar("T")
C = TypeVar("C", bound=CallBase)
R = TypeVar("R", ReadL1, ReadDram)


@dataclass(frozen=True, slots=True)
class RecordedProgram:
    """A program loaded on the device behind the recorder."""

    loaded: LoadedProgram
    fingerprint: str

    @property
    def image(self) -> ProgramImage:
        """The program's image."""
        return self.loaded.image


@dataclass(frozen=True, slots=True)
class _PendingRead:
    """A read whose bytes arrive with the queue's next finish."""

    call: int
    out: memoryview


class RecordingDriver(DeviceDriver):
    """Records a device's calls as number ``device`` of a recording."""

    def __init__(self, driver: DeviceDriver, recording: Recording, device: int) -> None:
        self._driver = driver
        self._recording = recording
        self._device = device
        self._pending: dict[int, list[_PendingRead]] = {}
        self._closed = False

    @property
    def properties(self) -> DeviceProperties:
        return self._driver.properties

    def allocate(self, spec: BufferSpec) -> Allocation:
        def completed(call: Allocate, allocation: Allocation) -> Allocate:
            return replace(call, allocation=allocation.id, address=allocation.address)

        return self._perform(lambda: self._driver.allocate(spec), Allocate(device=self._device, spec=spec), completed)

    def observe(self, observer: Observer) -> None:
        self._driver.observe(observer)

    def free(self, allocation: Allocation) -> None:
        self._perform(lambda: self._driver.free(allocation), Free(device=self._device, allocation=allocation.id))

    def write(self, queue: int, allocation: Allocation, data: memoryview) -> None:
        digest = self._recording.data(data)
        call = Write(device=self._device, queue=queue, allocation=allocation.id, data=digest)
        self._perform(lambda: self._driver.write(queue, allocation, data), call)

    def read(self, queue: int, allocation: Allocation, out: memoryview) -> None:
        call = Read(device=self._device, queue=queue, allocation=allocation.id)
        number = self._record(lambda: self._driver.read(queue, allocation, out), call)[1]
        if not self._recording.ended:
            self._pending.setdefault(queue, []).append(_PendingRead(number, out))

    def load(self, image: ProgramImage) -> LoadedProgram:
        fingerprint = self._recording.document(encode_image(image))
        loaded = self._perform(lambda: self._driver.load(image), Load(device=self._device, program=fingerprint))
        return RecordedProgram(loaded, fingerprint)

    def unload(self, loaded: LoadedProgram) -> None:
        program = _own(loaded)
        call = Unload(device=self._device, program=program.fingerprint)
        self._perform(lambda: self._driver.unload(program.loaded), call)

    def launch(self, queue: int, loaded: LoadedProgram, state: LaunchState) -> None:
        program = _own(loaded)
        digest = self._recording.document(encode(state))
        call = Launch(device=self._device, queue=queue, program=program.fingerprint, state=digest)
        self._perform(lambda: self._driver.launch(queue, program.loaded, state), call)

    def finish(self, queue: int) -> None:
        self._finish(queue, lambda: self._driver.finish(queue))

    def record_event(self, queue: int) -> int:
        return self._driver.record_event(queue)

    def wait_for_event(self, waiting: int | None, queue: int, event: int) -> None:
        """See :class:`DeviceDriver`; a trace knows of it as of a finish."""
        self._finish(queue, lambda: self._driver.wait_for_event(waiting, queue, event))

    def _finish(self, queue: int, wait: Callable[[], None]) -> None:
        def completed(call: Finish, _: None) -> Finish:
            return replace(call, reads=self._contents(pending))

        pending = self._pending.pop(queue, [])
        # After a failure it is undefined what the reads left behind, so the record of one names them without data.
        call = Finish(device=self._device, queue=queue, reads=tuple(ReadData(each.call) for each in pending))
        self._perform(wait, call, completed)

    def write_l1(self, core: CoreCoord, address: int, data: memoryview) -> None:
        digest = self._recording.data(data)
        call = WriteL1(device=self._device, core=core, address=address, data=digest)
        self._perform(lambda: self._driver.write_l1(core, address, data), call)

    def read_l1(self, core: CoreCoord, address: int, size: int) -> bytes:
        call = ReadL1(device=self._device, core=core, address=address, size=size)
        return self._perform(lambda: self._driver.read_l1(core, address, size), call, self._with_data)

    def write_dram(self, bank: int, address: int, data: memoryview) -> None:
        digest = self._recording.data(data)
        call = WriteDram(device=self._device, bank=bank, address=address, data=digest)
        self._perform(lambda: self._driver.write_dram(bank, address, data), call)

    def read_dram(self, bank: int, address: int, size: int) -> bytes:
        call = ReadDram(device=self._device, bank=bank, address=address, size=size)
        return self._perform(lambda: self._driver.read_dram(bank, address, size), call, self._with_data)

    def close(self) -> None:
        if self._closed:
            self._driver.close()
            return
        self._closed = True
        try:
            self._perform(self._driver.close, Close(device=self._device))
        finally:
            self._recording.device_closed(self._device)

    # ------------------------------------------------------------------------------------------ recording

    def _perform(self, action: Callable[[], T], call: C, completed: Callable[[C, T], C] | None = None) -> T:
        return self._record(action, call, completed)[0]

    def _record(self, action: Callable[[], T], call: C, completed: Callable[[C, T], C] | None = None) -> tuple[T, int]:
        """Make a call and record it; return its result and its number."""
        try:
            result = action()
        except Exception as error:
            self._recording.append(replace(call, error=record_error(error)))
            raise
        if completed is not None and not self._recording.ended:
            call = completed(call, result)
        return result, self._recording.append(call).n

    def _with_data(self, call: R, data: bytes) -> R:
        return replace(call, data=self._recording.data(data))

    def _contents(self, pending: list[_PendingRead]) -> tuple[ReadData, ...]:
        """Return the bytes read; a buffer that a later read overwrote holds nothing of the earlier one."""
        lost = _overwritten([each.out for each in pending])
        return tuple(
            ReadData(each.call, None if index in lost else self._recording.data(each.out))
            for index, each in enumerate(pending)
        )


def _own(loaded: LoadedProgram) -> RecordedProgram:
    if not isinstance(loaded, RecordedProgram):
        raise TypeError(f"{loaded!r} was not loaded through this recorder")
    return loaded


def _overwritten(outs: list[memoryview]) -> set[int]:
    """Return the indices of the buffers that share memory with a later one."""
    extents = [_extent(out) for out in outs]
    ordered = sorted(extents)
    if all(first[1] <= second[0] for first, second in pairwise(ordered)):
        return set()
    return {
        index
        for index, (start, end) in enumerate(extents)
        if any(start < other[1] and other[0] < end for other in extents[index + 1 :])
    }


def _extent(out: memoryview) -> tuple[int, int]:
    start = int(np.asarray(out).__array_interface__["data"][0]) if out.nbytes else 0
    return start, start + out.nbytes
