"""Makes every call of a trace again on another device and compares every byte that is read back.

Runtime arguments hold addresses and compile-time arguments hold bank coordinates, so buffers go where they were and the
device must be laid out alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from dataclasses import replace as changed

from tthal.device_interface import (
    Allocation,
    Capability,
    DeviceDriver,
    DeviceProperties,
    LaunchState,
    LoadedProgram,
)
from tthal.errors import OutOfMemory, TraceError, TraceFormatError, Unsupported
from tthal.kit.error_codec import record_error
from tthal.kit.image_checks import check_image
from tthal.trace.differences import Difference, describe, differences
from tthal.trace.elements import EXACT, Tolerance, compare_data, page_formats
from tthal.trace.reader import Trace
from tthal.trace.report import MOST_LISTED, ReadOutcome, Report
from tthal.trace.schema import (
    Allocate,
    CallBase,
    Close,
    Finish,
    Free,
    Launch,
    Load,
    Open,
    Read,
    ReadDram,
    ReadL1,
    Unload,
    Write,
    WriteDram,
    WriteL1,
)
from tthal.trace.verify import Advance, unseen
from tthal.types import DataFormat

Opener = Callable[[Open], DeviceDriver]
"""Opens the device that stands in for a recorded one."""

LAYOUT = (
    "arch",
    "board",
    "compute_grid",
    "worker_virtual",
    "l1_banks",
    "dram_banks",
    "accessor_encoding",
    "alignments",
)
"""The properties that kernels and their arguments have built in."""


class CannotPlace(Unsupported):
    """The device neither chooses the recorded address for a buffer nor takes it."""


class _Stop(Exception):
    """Nothing after this call can be made."""


@dataclass(slots=True)
class _Device:
    driver: DeviceDriver
    buffers: dict[int, Allocation] = field(default_factory=dict)
    programs: dict[str, LoadedProgram] = field(default_factory=dict)
    reads: dict[int, tuple[bytearray, Read]] = field(default_factory=dict)


def layout_differences(recorded: DeviceProperties, actual: DeviceProperties) -> list[Difference]:
    """Return in which properties two devices are laid out differently, by the first difference in each."""
    found = (next(differences(getattr(recorded, name), getattr(actual, name), name), None) for name in LAYOUT)
    return [each for each in found if each is not None]


class Reexecution:
    """Runs a trace on devices that ``opener`` opens.

    Args:
        trace: what to run.
        opener: opens the stand-in of a recorded device.
        tolerance: how far numbers may lie apart.
        data_format: what reads hold whose format the trace does not tell.
    """

    def __init__(
        self,
        trace: Trace,
        opener: Opener,
        tolerance: Tolerance = EXACT,
        data_format: DataFormat | None = None,
    ) -> None:
        self._trace = trace
        self._opener = opener
        self._tolerance = tolerance
        self._data_format = data_format
        self._formats = page_formats(trace)
        self._devices: dict[int, _Device] = {}
        self._report = Report()
        self._table: dict[type[CallBase], Callable[[_Device, CallBase], None]] = {
            Allocate: self._allocate,
            Free: self._free,
            Write: self._write,
            Read: self._read,
            Load: self._load,
            Unload: self._unload,
            Launch: self._launch,
            Finish: self._finish,
            WriteL1: self._write_raw,
            WriteDram: self._write_raw,
            ReadL1: self._read_raw,
            ReadDram: self._read_raw,
        }

    def run(self, advance: Advance = unseen) -> Report:
        """Make all calls and return how they went.

        Raises:
            Unsupported: a device is laid out differently, or cannot place buffers at given addresses.
            TraceFormatError: the trace is damaged.
        """
        try:
            for call in self._trace.calls():
                self._make(call)
                self._report.calls += 1
                advance(self._report.calls, self._trace.manifest.calls)
        except _Stop as stop:
            self._report.stopped = str(stop)
        finally:
            for device in self._devices.values():
                device.driver.close()
            self._devices.clear()
        return self._report

    # ------------------------------------------------------------------------------------------ one call

    def _make(self, call: CallBase) -> None:
        if isinstance(call, Open):
            self._open(call)
            return
        device = self._devices.get(call.device)
        if device is None:
            raise TraceFormatError(f"{self._trace.path}: call {call.n} ({call.op}) uses a device that is not open")
        if isinstance(call, Close):
            del self._devices[call.device]
            device.driver.close()
            return
        if isinstance(call, Allocate) and call.error is not None:
            self._report.notes.append(f"call {call.n} ({call.op}) failed when recorded ({call.error.kind}); left out")
            return
        self._outcome(device, call)

    def _outcome(self, device: _Device, call: CallBase) -> None:
        """Make a call and compare whether it fails."""
        raised = None
        try:
            self._table[type(call)](device, call)
        except (TraceError, CannotPlace):
            raise
        except Exception as error:  # noqa: BLE001 - the backend's failures are part of the outcome
            raised = record_error(error)
        expected = call.error.kind if call.error else ""
        actual = raised.kind if raised else ""
        if actual == expected:
            return
        text = raised.message.splitlines()[0] if raised and raised.message else ""
        outcome = (
            f"call {call.n}, {describe(call)}: recorded {expected or 'success'}, here "
            f"{actual or 'success'}{': ' + text if text else ''}"
        )
        if len(self._report.outcomes) < MOST_LISTED:
            self._report.outcomes.append(outcome)
        if raised and isinstance(call, Allocate | Load):
            raise _Stop(f"nothing after call {call.n} can be made: {outcome}")

    def _open(self, call: Open) -> None:
        if call.error is not None or call.properties is None:
            self._report.notes.append(f"call {call.n} (open) failed when recorded; left out")
            return
        driver = self._opener(call)
        self._devices[call.device] = _Device(driver)
        recorded = self._trace.properties(call.properties)
        self._note_numerics(recorded, driver.properties)
        found = layout_differences(recorded, driver.properties)
        if found:
            shown = "\n".join(f"  {each.field}: trace {each.recorded}, device {each.actual}" for each in found)
            raise Unsupported(
                "the device is laid out differently from the recorded one, and addresses, coordinates and accessors "
                f"are built into the trace's arguments:\n{shown}\nselect the same board: the trace was recorded on "
                f"{call.selection!r}"
            )

    def _note_numerics(self, recorded: DeviceProperties, actual: DeviceProperties) -> None:
        then, now = (Capability.EXACT_MATRIX_UNIT in each.capabilities for each in (recorded, actual))
        if then != now:
            self._report.notes.append(
                f"the recorded device {'gave' if then else 'did not give'} the hardware's bits, this one "
                f"{'does' if now else 'does not'}: numbers may differ; on the emulator numerics= chooses"
            )

    # ------------------------------------------------------------------------------------------ memory

    def _allocate(self, device: _Device, call: CallBase) -> None:
        if not isinstance(call, Allocate) or call.address is None or call.allocation is None:
            raise TraceFormatError(f"{self._trace.path}: call {call.n} has no address")
        device.buffers[call.allocation] = self._placed(device.driver, call, call.address)

    def _placed(self, driver: DeviceDriver, call: Allocate, address: int) -> Allocation:
        """Place a buffer where it was; the device's own choice, if it is the same, also reserves the memory."""
        try:
            allocation = driver.allocate(call.spec)
        except OutOfMemory:
            allocation = None
        if allocation is not None and allocation.address == address:
            return allocation
        if allocation is not None:
            driver.free(allocation)
        if Capability.EXPLICIT_ADDRESS not in driver.properties.capabilities:
            raise CannotPlace(
                f"call {call.n} needs a buffer at address {address:#x}, and the device does not declare the capability "
                f"{Capability.EXPLICIT_ADDRESS.value}"
            )
        return driver.allocate(changed(call.spec, address=address))

    def _free(self, device: _Device, call: CallBase) -> None:
        if isinstance(call, Free) and call.allocation in device.buffers:
            device.driver.free(device.buffers.pop(call.allocation))

    def _write(self, device: _Device, call: CallBase) -> None:
        if isinstance(call, Write):
            data = self._sized(call, call.data, self._buffer(device, call).spec.size)
            device.driver.write(call.queue, self._buffer(device, call), memoryview(data))

    def _read(self, device: _Device, call: CallBase) -> None:
        if isinstance(call, Read):
            allocation = self._buffer(device, call)
            out = bytearray(allocation.spec.size)  # the device has placed it: it is no larger than its memory
            device.reads[call.n] = (out, call)
            device.driver.read(call.queue, allocation, memoryview(out))

    def _write_raw(self, device: _Device, call: CallBase) -> None:
        if isinstance(call, WriteL1):
            device.driver.write_l1(call.core, call.address, memoryview(self._trace.data(call.data)))
        elif isinstance(call, WriteDram):
            device.driver.write_dram(call.bank, call.address, memoryview(self._trace.data(call.data)))

    def _read_raw(self, device: _Device, call: CallBase) -> None:
        if isinstance(call, ReadL1):
            data = device.driver.read_l1(call.core, call.address, call.size)
        elif isinstance(call, ReadDram):
            data = device.driver.read_dram(call.bank, call.address, call.size)
        else:
            return
        if call.data is not None:
            difference = compare_data(self._trace.data(call.data), data, max(1, call.size))
            self._report.add(ReadOutcome(call.n, f"{call.op} {call.address:#x}", len(data), None, difference))

    # ------------------------------------------------------------------------------------------ programs

    def _load(self, device: _Device, call: CallBase) -> None:
        if isinstance(call, Load):
            image = self._trace.image(call.program)
            check_image(image, device.driver.properties)
            device.programs[call.program] = device.driver.load(image)

    def _unload(self, device: _Device, call: CallBase) -> None:
        if isinstance(call, Unload) and call.program in device.programs:
            device.driver.unload(device.programs.pop(call.program))

    def _launch(self, device: _Device, call: CallBase) -> None:
        if isinstance(call, Launch):
            program = device.programs.get(call.program)
            if program is None:
                raise TraceFormatError(f"{self._trace.path}: call {call.n} launches a program that is not loaded")
            device.driver.launch(call.queue, program, self._rebound(device, self._trace.state(call.state)))

    def _rebound(self, device: _Device, state: LaunchState) -> LaunchState:
        """Return a launch state about this device's buffers."""
        return changed(
            state,
            allocations=tuple(device.buffers.get(each.id, each) for each in state.allocations),
            circular_buffers=tuple(
                changed(each, allocation=device.buffers.get(each.allocation.id, each.allocation))
                if each.allocation is not None
                else each
                for each in state.circular_buffers
            ),
        )

    def _finish(self, device: _Device, call: CallBase) -> None:
        if not isinstance(call, Finish):
            return
        failed = ""
        try:
            device.driver.finish(call.queue)
        except Exception as error:
            failed = f"{type(error).__name__}: the queue failed before the bytes arrived"
            raise
        finally:
            for each in call.reads:
                out, read = device.reads.pop(each.call, (None, None))
                if out is not None and read is not None and each.data is not None:
                    self._compare(device, read, each.data, out, failed)

    def _compare(self, device: _Device, read: Read, digest: str, out: bytearray, failed: str) -> None:
        page_size = self._buffer(device, read).spec.page_size if read.allocation in device.buffers else 1
        data_format = self._formats.of(page_size) or self._data_format
        difference = None
        if not failed:
            difference = compare_data(
                self._trace.data(digest), memoryview(out), page_size, data_format, self._tolerance
            )
        what = f"buffer {read.allocation}"
        self._report.add(ReadOutcome(read.n, what, len(out), data_format, difference, failed))

    def _buffer(self, device: _Device, call: Write | Read) -> Allocation:
        allocation = device.buffers.get(call.allocation)
        if allocation is None:
            raise TraceFormatError(f"{self._trace.path}: call {call.n} ({call.op}) uses a buffer that does not exist")
        return allocation

    def _sized(self, call: CallBase, digest: str, size: int) -> bytes:
        data = self._trace.data(digest)
        if len(data) != size:
            raise TraceFormatError(f"{self._trace.path}: call {call.n} has {len(data)} bytes for a buffer of {size}")
        return data
