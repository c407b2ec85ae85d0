"""The observer: lays a launch out for the compiled checks, and turns what they find into errors and warnings."""

from __future__ import annotations

import ctypes
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import numpy as np
import numpy.typing as npt

from tthal.device_interface import (
    Allocation,
    DeviceProperties,
    EventSink,
    FindingReported,
    KernelImage,
    LaunchState,
    ProgramImage,
)
from tthal.errors import DeadlockError, Finding, KernelError, LaunchError
from tthal.observer import SLOTS, CompiledListener, ObservedLaunch, Observer

from .clocks import Clocks
from .collected import collect, fail, leave_out
from .cores import Cores
from .deadlock import explain_deadlock
from .dump import DST_BYTES, write_dump
from .extents import Extents, Uses
from .findings import KINDS, Severity
from .found import ALLOW, Found, error_of
from .queues import Queues
from .rules import RULES
from .settings import Check, Settings
from .stale_arguments import REPLACED, replaced_buffers
from .structures import BUFFER, CORE, DEFAULT_KINDS, FINDING, RACES, STATE, TRANSFER_BYTES
from .waits import graph, waits_of
from .word_calls import WordCalls
from .written import Written

SOURCES = Path(__file__).resolve().parent / "compiled"
SOURCES_OF_FULL = SOURCES / "full"
"""What is built besides when all is checked; to build it takes longer than the rest."""
_TABLES = {
    "dram": "dram_count", "l1": "l1_count", "arguments": "argument_count", "given": "given_count",
    "interleaved": "interleaved_count", "replaced": "replaced_count",
}  # fmt: skip
"""What the compiled checks call a table and its length."""


class CheckWarning(UserWarning):
    """What a check warns of; its text begins with the finding's id."""


class CheckObserver(Observer):
    """The checks of one device."""

    sources: Path | tuple[Path, ...] | None = SOURCES

    def __init__(self, device_id: int, properties: DeviceProperties, settings: Settings, events: EventSink) -> None:
        self._device_id = device_id
        self._properties = properties
        self._events = events
        self._settings = settings
        self._extents: Extents | None = None
        self._early: list[Callable[[Extents], None]] = []
        self._state = np.zeros(1, STATE)
        self._cores: Cores | None = None
        self._lent: dict[str, npt.NDArray[Any]] = {}
        self._uses: Uses = ()
        self._launch: ObservedLaunch | None = None
        self._dst: dict[int, npt.NDArray[np.uint32]] = {}  # by core, of a launch that is to be dumped
        self._noted: tuple[LaunchState, ProgramImage] | None = None
        self._given = self._arguments = np.zeros(0, np.uint64)
        self._replaced: npt.NDArray[np.void] = np.zeros(0, REPLACED)
        self._goes_on = False
        self._clocks: Clocks | None = None
        self._queues = Queues()
        self._told: dict[str | tuple[str, type[Warning], int], int] = {}  # a warning is Python's once per device
        self._suppressed = np.array([_is_id(number, settings.suppress) for number in range(256)], np.uint8)
        self._written: Written | None = None
        self.loads_and_stores = settings.check is Check.FULL
        self.kinds = None if self.loads_and_stores else DEFAULT_KINDS
        if self.loads_and_stores:
            self.sources = (SOURCES, SOURCES_OF_FULL)
        self._configure: Any = None
        self._finish: Any = None

    def built(self, address_of: Callable[[str], int]) -> None:
        """See :class:`Observer`."""
        size_of = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_uint32)(address_of("tthal_check_size"))
        expected = [*(kind.itemsize for kind in (STATE, CORE, BUFFER, FINDING)), TRANSFER_BYTES]
        if [int(size_of(which)) for which in range(len(expected))] != expected:
            raise RuntimeError("the compiled checks have another layout than Python expects")
        words = [ctypes.c_uint32] * 4
        self._configure = ctypes.CFUNCTYPE(None, ctypes.c_uint64, *words, ctypes.c_bool)(
            address_of("tthal_check_configure")
        )
        self._finish = ctypes.CFUNCTYPE(None, ctypes.c_uint64)(address_of("tthal_check_finish"))
        listen = "tthal_check_listen"
        if self.loads_and_stores:
            listen, self._clocks = "tthal_check_listen_to_all", _clocks(address_of)
            self._state[0]["races"] = self._clocks.races.ctypes.data
        self.compiled = CompiledListener(address_of(listen), self._state.ctypes.data)

    # ---- what the host does

    def allocated(self, allocation: Allocation) -> None:
        """See :class:`Observer`."""
        made = perf_counter_ns()
        self._note(lambda extents: extents.add(allocation, made))
        # One at an address that was given by hand sees what is there.
        if self.loads_and_stores and allocation.spec.address is None:
            self._note(lambda extents: self._mark_written(lambda written: written.forget(allocation, extents)))

    def freed(self, allocation: Allocation) -> None:
        """See :class:`Observer`."""
        self._note(lambda extents: extents.remove(allocation))

    def accessed(self, queue: int, allocation: Allocation, is_write: bool) -> None:
        """See :class:`Observer`; a buffer whose address was given by hand is never announced as allocated."""
        if self.loads_and_stores:
            self._queues.access(queue, allocation, is_write)
        if is_write and self.loads_and_stores:
            self._note(lambda extents: self._mark_written(lambda written: written.write(allocation, extents)))
        if allocation.spec.address is not None:
            self._note(lambda extents: extents.add(allocation, 0))

    def accessed_raw(self, where: str, index: int, address: int, size: int, is_write: bool) -> None:
        """See :class:`Observer`."""
        is_l1 = where == "l1"
        if is_write and self.loads_and_stores:
            self._note(lambda _: self._mark_written(lambda written: written.write_raw(is_l1, index, address, size)))
        self._note(lambda extents: extents.touch(is_l1, index, address, size))

    def finished(self, queue: int) -> None:
        """See :class:`Observer`."""
        self._queues.finished(queue)

    def event_recorded(self, queue: int, event: int) -> None:
        """See :class:`Observer`."""
        self._queues.record(queue, event)

    def event_awaited(self, waiting: int | None, queue: int, event: int) -> None:
        """See :class:`Observer`."""
        self._queues.wait(waiting, queue, event)

    def _mark_written(self, mark: Callable[[Written], None]) -> None:
        if self._written is not None:
            mark(self._written)

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
            self._extents = self._begin(launch)
        self._launch, extents, state = launch, self._extents, self._state[0]
        self._note_program(launch, extents)
        self._lend_tables(launch, extents)
        cores = self._cores or self._make_cores()
        cores.lay_out(launch)
        state["layouts_differ"], state["transfers_taken"] = cores.layouts_differ, 0
        if self._clocks is not None:
            self._clocks.lay_out(launch, cores, RULES[self._properties.arch].multicasts_overtake)
            self._queues.launch(launch, extents)
        state["dram_hints"], state["go_on"] = 0, self._goes_on
        state["suppressed_count"] = state["finding_count"] = state["error_count"] = 0
        state["word_calls"].view(np.uint8).fill(0)
        state["word_calls_lost"] = 0

    def _begin(self, launch: ObservedLaunch) -> Extents:
        """Note what holds for all launches; the first one tells of the DRAM channels."""
        properties, state = self._properties, self._state[0]
        channels, rules = _channels(properties, launch), RULES[properties.arch]
        state["zeros"], state["suppressed"] = rules.zeros, self._suppressed.ctypes.data
        state["dram_banks"], state["l1_banks"] = len(properties.dram_banks), len(properties.l1_banks)
        state["l1_base"], state["dram_base"] = properties.l1_base, properties.dram_base
        self._extents = extents = Extents(properties, channels)
        if self.loads_and_stores:
            state["flushes_early"], state["multicasts_overtake"] = rules.flushes_early, rules.multicasts_overtake
            self._keep_written(channels)
        for change in self._early:
            change(extents)
        self._early.clear()
        return extents

    def _note_program(self, launch: ObservedLaunch, extents: Extents) -> None:
        """Keep what follows from program, arguments and the buffers that there are, until one of them changes."""
        noted = self._noted
        if noted and launch.state is noted[0] and launch.image is noted[1] and not extents.is_changed:
            return
        self._noted, values = (launch.state, launch.image), _arguments(launch)
        dram, l1 = extents.addresses(is_l1=False), extents.addresses(is_l1=True)
        # Not numpy's difference of sets, whose first use in a process imports masked arrays. A DRAM buffer's address is
        # one in L1, too, as a number: that is not what it is given for.
        self._given = np.array(sorted(values - (dram - l1)), np.uint64)
        self._arguments = np.array(sorted(values - dram - l1), np.uint64)
        self._replaced = replaced_buffers(launch, extents)
        self._goes_on = self._settings.every_finding or any(map(_suppresses, launch.image.kernels))

    def _lend_tables(self, launch: ObservedLaunch, extents: Extents) -> None:
        """Let the compiled checks read tables, those that are others than in the launch before."""
        dram, l1 = extents.tables()
        if self._is_lent("dram", dram) and self._is_lent("l1", l1):
            for _, used in self._uses:
                used.fill(0)
        else:
            self._uses = (dram, np.zeros(len(dram), np.uint8)), (l1, np.zeros(len(l1), np.uint8))
            for name, (_, used) in zip(("dram_uses", "l1_uses"), self._uses, strict=True):
                self._lend(name, used)
        tables = (dram, l1, self._arguments, self._given, extents.interleaved(), self._replaced)
        for (name, count), table in zip(_TABLES.items(), tables, strict=True):
            if not self._is_lent(name, table):
                self._lend(name, table)
                self._state[0][count] = len(table)
        nodes = np.ascontiguousarray(launch.nodes)
        if not self._is_lent("nodes", nodes):
            self._lend("nodes", nodes)

    def _is_lent(self, name: str, table: npt.NDArray[Any]) -> bool:
        return self._lent.get(name) is table

    def _lend(self, name: str, table: npt.NDArray[Any]) -> None:
        self._lent[name] = table
        self._state[0][name] = table.ctypes.data

    def _make_cores(self) -> Cores:
        state, grid = self._state[0], self._properties.compute_grid
        self._cores = cores = Cores(grid.x * grid.y, self._configure)
        state["cores"], state["core_count"] = cores.cores.ctypes.data, len(cores.cores)
        state["transfers"], state["transfers_room"] = cores.transfers.ctypes.data, len(cores.transfers)
        return cores

    def _keep_written(self, channels: npt.NDArray[np.int32]) -> None:
        state, grid = self._state[0], self._properties.compute_grid
        self._written = written = Written(self._properties, grid.x * grid.y, channels)
        state["written"], state["l1_size"] = written.l1.ctypes.data, self._properties.l1_size
        state["dram_written"] = written.dram.ctypes.data
        state["dram_channels"], state["dram_stride"] = written.dram.shape

    def stopped(self, memory: Callable[[int, int, int], bytes]) -> None:
        """See :class:`Observer`."""
        self._dst.clear()
        launch, cores = self._launch, self._cores
        if self._settings.dump is None or launch is None or cores is None:
            return
        for index in launch.kernels:
            if address := cores.dst_address(index):
                self._dst[index // SLOTS] = np.frombuffer(memory(index, address, DST_BYTES), np.uint32)

    def launch_ended(self, failure: BaseException | None) -> BaseException | None:
        """See :class:`Observer`."""
        state, launch = self._state[0], self._launch
        self._launch = None
        if launch is None:
            return failure
        if failure is None and self._cores is not None and self._cores.has_buffers:  # of which pages may be left
            self._finish(self._state.ctypes.data)
        found = [Found(row, launch) for row in state["findings"][: int(state["finding_count"])]]
        sure = [item for item in _once_a_line(found) if item.is_sure()]
        found = [item for item in sure if not item.is_suppressed_in_source()]
        allowed = [item.finding(self._is_error(item)) for item in sure if item not in found]
        leave_out(int(state["suppressed_count"]) + len(allowed), allowed)
        if isinstance(failure, KernelError):
            # A kernel that failed has not come to its end.
            found = [item for item in found if not item.is_of_the_end(failure)]
        findings = [item.finding(self._is_error(item)) for item in found]
        for finding in findings:
            self._announce(finding)
        errors = [finding for finding in findings if finding.severity == Severity.ERROR.value]
        if errors:
            cores = [place // SLOTS for item in found if self._is_error(item) for place in item.kernels()]
            return self._dumped(error_of(errors, failure), launch, cores)
        if isinstance(failure, DeadlockError):
            rows = self._buffer_rows(launch)
            calls = WordCalls(launch, state["word_calls"], are_all=not state["word_calls_lost"])
            waits = waits_of(failure.waiting, launch, rows, calls)
            explained = explain_deadlock(failure, launch, rows, calls)
            cores = [index // SLOTS for index in waits]
            cores += [node for call in calls.increments() for node in call.nodes if node >= 0]
            fail(explained)
            return self._dumped(explained, launch, cores, graph(waits, launch))
        fail(failure)
        if failure is None and self.loads_and_stores and self._extents is not None:
            return self._queues.launched(launch, self._extents, self._uses)
        return failure if failure is None or isinstance(failure, RuntimeError) else None

    def _announce(self, finding: Finding) -> None:
        """Tell who listens to the device's events, and who collects; warnings are Python's too."""
        self._events(FindingReported(self._device_id, finding))
        collect(finding)
        if finding.severity == Severity.WARNING.value:
            file, line = (location.file, location.line) if (location := finding.location) else (finding.kernel, 0)
            warnings.warn_explicit(str(finding), CheckWarning, file, line, registry=self._told)

    def _dumped(self, error: LaunchError, launch: ObservedLaunch, cores: list[int], waits: str = "") -> LaunchError:
        """Keep what was there on disk, when the selection asks for it, and say where."""
        if self._settings.dump is not None:
            rows = self._buffer_rows(launch)
            place = write_dump(self._settings.dump, launch, str(error), cores, rows, self._dst, waits)
            error.args = (f"{error}\n    Kept in {place}.", *error.args[1:])
        return error

    def _buffer_rows(self, launch: ObservedLaunch) -> dict[int, npt.NDArray[np.void]]:
        """What the compiled checks know of the circular buffers of every core."""
        return {index: self._cores.buffers(index) for index in launch.cores} if self._cores is not None else {}

    def _is_error(self, item: Found) -> bool:
        if item.kind.severity is Severity.ERROR:
            return True
        return self._settings.warnings_are_errors and not item.kind.never_error


def _clocks(address_of: Callable[[str], int]) -> Clocks:
    """The memory of the race checks, after a look at the layout that it is part of."""
    size = ctypes.CFUNCTYPE(ctypes.c_uint64)
    if size(address_of("tthal_check_races_size"))() != RACES.itemsize:
        raise RuntimeError("the compiled race checks have another layout than Python expects")
    start = ctypes.CFUNCTYPE(None, ctypes.c_uint64)(address_of("tthal_check_start_races"))
    return Clocks(int(size(address_of("tthal_check_block_size"))()), start)


def _once_a_line(found: Sequence[Found]) -> Iterator[Found]:
    """Leave out what one line did at several places of its code, as unrolled loops do, and races that have a cause.

    What is never an error is none.
    """
    told, named = set(), {item.lines()[1:3] for item in found if not item.is_race and not item.kind.never_error}
    for item in found:
        if item.is_race and item.lines()[1:3] in named:
            continue
        if (key := item.lines()) not in told:
            told.add(key)
            yield item


def _channels(properties: DeviceProperties, launch: ObservedLaunch) -> npt.NDArray[np.int32]:
    """The DRAM channel of every bank."""
    places = np.array([bank.noc0[1] << 6 | bank.noc0[0] for bank in properties.dram_banks])
    return np.asarray(-2 - launch.nodes[0][places], dtype=np.int32)


def _arguments(launch: ObservedLaunch) -> set[int]:
    """All values that the kernels of a launch were given."""
    values: set[int] = set()
    for kernel, image in zip(launch.state.kernels, launch.image.kernels, strict=True):
        values.update(kernel.common)
        for _, words in kernel.per_core:
            values.update(words)
        values.update(image.compile_time_args)
        values.update(value for _, value in image.named_compile_time_args)
    return {value & 0xFFFFFFFF for value in values}


def _is_id(number: int, ids: frozenset[str]) -> bool:
    return number in KINDS and KINDS[number].id in ids


def _suppresses(kernel: KernelImage) -> bool:
    """Whether a comment of a kernel or its headers lets something pass."""
    content = kernel.content
    return any(ALLOW in text for text in (content.source, *(header.text for header in content.headers)))
