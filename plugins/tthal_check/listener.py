"""The observer: lays a launch out for the compiled checks, and turns what they find into errors and warnings."""

from __future__ import annotations

import ctypes
import warnings
from collections.abc import Callable
from pathlib import Path
from time import perf_counter_ns
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from tthal.device_interface import Allocation, DeviceProperties
from tthal.errors import DeadlockError, Frame, KernelError, LaunchError, SourceLocation
from tthal.observer import CompiledListener, ObservedCore, ObservedLaunch, Observer

from .clocks import CLOCK_TABLES, Clocks
from .deadlock import explain_deadlock
from .dump import write_dump
from .extents import Extents
from .findings import KINDS, Kind, Severity
from .queues import Queues
from .set_ups import last_set_up, needed_call
from .settings import Check, Settings
from .stale_arguments import replaced_buffers
from .waits import graph, waits_of

NONE = 0xFFFFFFFF
SLOTS = 5
"""Processors of a core, as records number kernels."""
_FINDINGS = 64
FINDING = np.dtype(
    [
        ("kind", "<u4"), ("kernel", "<u4"), ("site", "<u4"), ("other_kernel", "<u4"), ("other_site", "<u4"),
        ("id", "<u4"), ("count", "<u4"), ("limit", "<u4"), ("address", "<u8"),
    ]
)  # fmt: skip
INCREMENT = np.dtype([(name, "<u4") for name in ("kernel", "site", "node", "address", "times", "sum")])
STATE = np.dtype(
    [
        ("cores", "<u8"), ("nodes", "<u8"), ("dram", "<u8"), ("l1", "<u8"), ("arguments", "<u8"),
        ("given", "<u8"), ("interleaved", "<u8"), ("replaced", "<u8"), ("dram_count", "<u8"), ("l1_count", "<u8"),
        ("argument_count", "<u8"), ("interleaved_count", "<u8"), ("replaced_count", "<u8"), ("given_count", "<u8"),
        ("written", "<u8"), *((name, "<u8") for name in CLOCK_TABLES), ("threads", "<u4"), ("word_count", "<u4"),
        ("races_off", "<u4"), ("padding1", "<u4"), ("core_count", "<u4"),
        ("l1_base", "<u4"), ("dram_base", "<u4"), ("finding_count", "<u4"), ("error_count", "<u4"),
        ("dram_banks", "<u4"), ("l1_banks", "<u4"), ("l1_size", "<u4"), ("findings", FINDING, (_FINDINGS,)),
        ("increment_count", "<u4"), ("padding", "<u4"),
        ("increments", INCREMENT, (64,)),
    ]
)  # fmt: skip
"""State of compiled/check.h."""
CORE_TAIL = np.dtype(
    [
        ("used", "u1", (64,)),
        ("used_count", "<u4"),
        ("present", "<u4"),
        ("asked", "<u8"),
        ("semaphores", "<u4"),
        ("semaphores_end", "<u4"),
        ("arguments", "<u4"),
        ("arguments_end", "<u4"),
    ]
)
"""Core of compiled/check.h behind its circular buffers."""
BUFFER = np.dtype(
    [
        ("address", "<u4"), ("size", "<u4"), ("page_size", "<u4"), ("flags", "u1", (4,)), ("write_pointer", "<u4"),
        ("reserved", "<u4"), ("filled", "<u4"), ("head", "<u4"), ("tail", "<u4"), ("pushed", "<u4"), ("popped", "<u4"),
        ("read_pointer", "<u4", (5,)), ("waited", "<u4", (5,)), ("producer", "<u4"), ("producer_site", "<u4"),
        ("consumer", "<u4"), ("consumer_site", "<u4"), ("popped_kernel", "<u4"), ("popped_site", "<u4"),
        ("in_place_address", "<u4"), ("in_place_kernel", "<u4"), ("in_place_site", "<u4"),
        ("early", FINDING),
    ]
)  # fmt: skip
"""CircularBuffer of compiled/check.h."""
_TABLES = ("dram", "l1", "arguments", "nodes", "interleaved", "replaced", "given")
_COUNTS = ("dram_count", "l1_count", "argument_count")
_SEMAPHORE_STRIDE = 16
_DEVICE_HEADERS = "<"
_OTHERS = 8
"""Further findings of a launch that an error names."""


class CheckWarning(UserWarning):
    """What a check warns of; its text begins with the finding's id."""


class CheckObserver(Observer):
    """The checks of one device."""

    sources: ClassVar[Path | None] = Path(__file__).resolve().parent / "compiled"

    def __init__(self, properties: DeviceProperties, settings: Settings) -> None:
        self._properties = properties
        self._settings = settings
        self._extents: Extents | None = None
        self._early: list[Callable[[Extents], None]] = []
        self._state = np.zeros(1, STATE)
        self._cores: npt.NDArray[np.uint8] = np.zeros(0, np.uint8)
        self._kept: list[npt.NDArray[Any]] = []
        self._launch: ObservedLaunch | None = None
        self._host_wrote: list[tuple[int, int, int]] = []
        self._size = self._tail = 0
        self._clocks, self._queues = Clocks(), Queues()
        self._written: npt.NDArray[np.uint8] | None = None
        self.loads_and_stores = settings.check is Check.FULL
        self._configure: Any = None
        self._finish: Any = None

    def built(self, address_of: Callable[[str], int]) -> None:
        """See :class:`Observer`."""
        size_of = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_uint32)(address_of("tthal_check_size"))
        sizes = [int(size_of(which)) for which in range(5)]
        expected = (STATE.itemsize, FINDING.itemsize, 64 * BUFFER.itemsize)
        if (sizes[0], sizes[3], sizes[4]) != expected:
            raise RuntimeError("the compiled checks have another layout than Python expects")
        self._size, self._tail = sizes[1], sizes[4]
        words = [ctypes.c_uint32] * 4
        self._configure = ctypes.CFUNCTYPE(None, ctypes.c_uint64, *words, ctypes.c_bool)(
            address_of("tthal_check_configure")
        )
        self._finish = ctypes.CFUNCTYPE(None, ctypes.c_uint64)(address_of("tthal_check_finish"))
        self.compiled = CompiledListener(address_of("tthal_check_listen"), self._state.ctypes.data)

    # ---- what the host does

    def allocated(self, allocation: Allocation) -> None:
        """See :class:`Observer`."""
        made = perf_counter_ns()
        self._note(lambda extents: extents.add(allocation, made))

    def freed(self, allocation: Allocation) -> None:
        """See :class:`Observer`."""
        self._note(lambda extents: extents.remove(allocation))

    def accessed(self, queue: int, allocation: Allocation, is_write: bool) -> None:
        """See :class:`Observer`; a buffer whose address was given by hand is never announced as allocated."""
        if self.loads_and_stores:
            self._queues.access(queue, allocation, is_write)
        if is_write and self.loads_and_stores and allocation.spec.buffer_type.is_l1:
            self._note(lambda extents: self._host_wrote.extend(extents.pieces(allocation)))
        if allocation.spec.address is not None:
            self._note(lambda extents: extents.add(allocation, 0))

    def accessed_raw(self, where: str, index: int, address: int, size: int, is_write: bool) -> None:
        """See :class:`Observer`."""
        if is_write and where == "l1":
            self._host_wrote.append((index, address, address + size))
        self._note(lambda extents: extents.touch(where == "l1", index, address, size))

    def finished(self, queue: int) -> None:
        """See :class:`Observer`."""
        self._queues.finished(queue)

    def _note(self, change: Callable[[Extents], None]) -> None:
        """Carry a change out once the DRAM channels are known, which the first launch tells."""
        if self._extents is None:
            self._early.append(change)
        else:
            change(self._extents)

    # ---- launches

    def launch_began(self, launch: ObservedLaunch) -> None:
        """See :class:`Observer`."""
        if self._extents is None:
            self._extents = Extents(self._properties, _channels(self._properties, launch))
            for change in self._early:
                change(self._extents)
            self._early.clear()
        self._launch = launch
        dram, l1 = self._extents.tables()
        given = _arguments(launch)
        arguments = np.setdiff1d(given, np.array(sorted(self._extents.addresses()), np.uint64))
        nodes = np.ascontiguousarray(launch.nodes)
        interleaved, replaced = self._extents.interleaved(), replaced_buffers(launch, self._extents)
        self._kept = [dram, l1, arguments, nodes, interleaved, replaced, given]
        state = self._state[0]
        grid = self._properties.compute_grid
        self._lay_out(launch, grid.x * grid.y)
        for name, table in zip(_TABLES, self._kept, strict=True):
            state[name] = table.ctypes.data
        for name, table in zip(_COUNTS, self._kept, strict=False):
            state[name] = len(table)
        state["interleaved_count"], state["replaced_count"] = len(interleaved), len(replaced)
        state["given_count"] = len(given)
        if self.loads_and_stores:
            self._keep_written(int(state["core_count"]))
            self._clocks.lay_out(launch, state)
            self._queues.launch(launch, self._extents)
        state["dram_banks"], state["l1_banks"] = len(self._properties.dram_banks), len(self._properties.l1_banks)
        state["l1_base"], state["dram_base"] = self._properties.l1_base, self._properties.dram_base
        state["finding_count"] = state["error_count"] = state["increment_count"] = 0

    def _keep_written(self, cores: int) -> None:
        """Which bytes of L1 were ever written: as long as the device lives, and what the host wrote before now too."""
        state, size = self._state[0], self._properties.l1_size
        if self._written is None:
            self._written = np.zeros((cores, size // 8), np.uint8)
            state["written"], state["l1_size"] = self._written.ctypes.data, size
        for core, begin, end in self._host_wrote:
            self._written[core, begin // 8 : -(-end // 8)] = 0xFF
        self._host_wrote.clear()

    def _lay_out(self, launch: ObservedLaunch, cores: int) -> None:
        state = self._state[0]
        if len(self._cores) != cores * self._size:
            self._cores = np.zeros(cores * self._size, np.uint8)
            state["cores"], state["core_count"] = self._cores.ctypes.data, cores
        every = self._cores.reshape(cores, self._size)
        every[:, self._tail : self._tail + CORE_TAIL.itemsize] = 0
        for index, core in launch.cores.items():
            every[index] = 0
            self._lay_out_core(every[index], core)

    def _lay_out_core(self, raw: npt.NDArray[np.uint8], core: ObservedCore) -> None:
        tail = raw[self._tail : self._tail + CORE_TAIL.itemsize].view(CORE_TAIL)
        base, count = core.semaphores
        tail["present"], tail["semaphores"] = 1, base
        tail["semaphores_end"] = base + count * _SEMAPHORE_STRIDE
        tail["arguments"], tail["arguments_end"] = core.arguments
        places = [buffer.address for buffer in core.circular_buffers]
        for buffer in core.circular_buffers:
            exempt = buffer.in_buffer or places.count(buffer.address) > 1
            self._configure(raw.ctypes.data, buffer.index, buffer.address, buffer.total_size, buffer.page_size, exempt)

    def launch_ended(self, failure: BaseException | None) -> BaseException | None:
        """See :class:`Observer`."""
        state, launch = self._state[0], self._launch
        self._launch = None
        if launch is None:
            return failure
        if failure is None:
            self._finish(self._state.ctypes.data)
        found = [Found(row, launch) for row in state["findings"][: int(state["finding_count"])]]
        found = [item for item in found if not self._is_suppressed(item)]
        if isinstance(failure, KernelError):
            # A kernel that failed has not come to its end.
            found = [item for item in found if not item.is_of_the_end(failure)]
        errors = [item for item in found if self._is_error(item)]
        for item in found:
            if not self._is_error(item):
                warnings.warn(item.text(), CheckWarning, stacklevel=2)
        if errors:
            cores = [place // SLOTS for item in errors for place in item.kernels()]
            return self._dumped(errors[0].error(errors[1:], failure), launch, cores)
        if isinstance(failure, DeadlockError):
            rows = self._buffer_rows(launch)
            waits = waits_of(failure.waiting, launch, rows, state["increments"])
            explained = explain_deadlock(failure, launch, rows, state["increments"])
            return self._dumped(explained, launch, [index // SLOTS for index in waits], graph(waits, launch))
        return failure if failure is None or isinstance(failure, RuntimeError) else None

    def _dumped(self, error: LaunchError, launch: ObservedLaunch, cores: list[int], waits: str = "") -> LaunchError:
        """Keep what was there on disk, when the selection asks for it, and say where."""
        if self._settings.dump is not None:
            rows = self._buffer_rows(launch)
            place = write_dump(self._settings.dump, launch, str(error), cores, rows, waits)
            error.args = (f"{error}\n    Kept in {place}.", *error.args[1:])
        return error

    def _buffer_rows(self, launch: ObservedLaunch) -> dict[int, npt.NDArray[np.void]]:
        """What the compiled checks know of the circular buffers of every core."""
        every = self._cores.reshape(-1, self._size)
        return {index: every[index, : self._tail].view(BUFFER) for index in launch.cores}

    def _is_error(self, item: Found) -> bool:
        return item.kind.severity is Severity.ERROR or self._settings.warnings_are_errors

    def _is_suppressed(self, item: Found) -> bool:
        return item.kind.id in self._settings.suppress or item.is_suppressed_in_source()


class Found:
    """One finding of a launch, with its places."""

    def __init__(self, row: np.void, launch: ObservedLaunch) -> None:
        self._row = {name: int(row[name]) for name in FINDING.names or ()}
        self._launch = launch
        self.kind: Kind = KINDS[self._row["kind"]]
        self.frames = self._frames("kernel", "site")

    def _frames(self, kernel: str, site: str) -> tuple[Frame, ...]:
        frames = self._launch.frames(self._row[kernel], self._row[site]) if self._row[site] else ()
        return tuple(frame for frame in frames if not _is_header(frame.location))

    def is_of_the_end(self, failure: KernelError) -> bool:
        """Whether it only says what a kernel left undone that failed before."""
        where = self._launch.kernels.get(self._row["kernel"])
        failed = where is not None and ((where.core.x, where.core.y), where.processor) == (
            failure.core,
            failure.processor,
        )
        return failed and self.kind.id.startswith("TT-END")

    def is_suppressed_in_source(self) -> bool:
        """Whether the line itself says so: a comment with ``tthal: allow ID``."""
        location = self.frames[0].location if self.frames else None
        if location is None:
            return False
        kernel = self._launch.kernels[self._row["kernel"]]
        content = self._launch.image.kernels[kernel.kernel].content
        texts = {content.source_name: content.source, **{header.name: header.text for header in content.headers}}
        lines = texts.get(location.file, "").splitlines()
        return location.line <= len(lines) and f"tthal: allow {self.kind.id}" in lines[location.line - 1]

    def _place(self, kernel: int, frames: tuple[Frame, ...]) -> str:
        where = self._launch.kernels.get(kernel)
        if where is None:
            return "the host"
        location = frames[0].location if frames else None
        at = f" at {location}" if location is not None else ""
        return f"core ({where.core.x},{where.core.y}) {where.processor}, kernel {where.name}{at}"

    def kernels(self) -> list[int]:
        """Indices of the kernels that it is about."""
        return [self._row[name] for name in ("kernel", "other_kernel") if self._row[name] != NONE]

    def place(self) -> str:
        """Where it is: core, processor, kernel, and the line when it is known."""
        return self._place(self._row["kernel"], self.frames)

    def text(self) -> str:
        """Say what, where, and how to mend it."""
        row = self._row
        values = {name: row[name] for name in ("id", "count", "limit", "address")}
        names = {"access": "store" if row["limit"] else "load"}
        names |= {"needed": needed_call(row["count"]), "present": last_set_up(row["limit"])}
        what, fix = (text.format(**values, **names) for text in (self.kind.text, self.kind.fix))
        lines = [f"{self.place()}: {what} [{self.kind.id}]"]
        lines += [f"    {frame}" for frame in self.frames]
        if self.kind.other and row["other_kernel"] != NONE:
            other = self._place(row["other_kernel"], self._frames("other_kernel", "other_site"))
            lines.append(f"    {self.kind.other}: {other}")
        lines.append(f"    Fix: {fix}{'' if fix.endswith('?') else '.'}")
        return "\n".join(lines)

    def error(self, others: list[Found], cause: BaseException | None) -> KernelError:
        """Make the error that the program sees; ``others`` were found in the same launch."""
        where = self._launch.kernels[self._row["kernel"]]
        text = self.text()
        if others:
            text += "\n    In the same launch:"
            text += "".join(f"\n        {other.kind.id} at {other.place()}" for other in others[:_OTHERS])
        error = KernelError(
            text,
            core=(where.core.x, where.core.y),
            processor=where.processor,
            kernel=where.name,
            backtrace=self.frames,
            location=self.frames[0].location if self.frames else None,
        )
        error.__cause__ = cause if isinstance(cause, RuntimeError) else None
        return error


def _is_header(location: SourceLocation | None) -> bool:
    return location is None or location.file.startswith(_DEVICE_HEADERS)


def _channels(properties: DeviceProperties, launch: ObservedLaunch) -> npt.NDArray[np.int32]:
    """The DRAM channel of every bank."""
    places = np.array([bank.noc0[1] << 6 | bank.noc0[0] for bank in properties.dram_banks])
    return np.asarray(-2 - launch.nodes[0][places], dtype=np.int32)


def _arguments(launch: ObservedLaunch) -> npt.NDArray[np.uint64]:
    """All values that the kernels of a launch were given, sorted."""
    values: set[int] = set()
    for kernel, image in zip(launch.state.kernels, launch.image.kernels, strict=True):
        values.update(kernel.common)
        for _, words in kernel.per_core:
            values.update(words)
        values.update(image.compile_time_args)
        values.update(value for _, value in image.named_compile_time_args)
    return np.array(sorted({value & 0xFFFFFFFF for value in values}), dtype=np.uint64)
