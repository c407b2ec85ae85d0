"""One run of the compiled solver (compiled/solver.h): what there is to do, what it reads and writes, what comes out."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from .constants import Chip
from .layouts import (
    BANK,
    CHIP,
    COUNTER,
    COUNTS,
    JOB,
    NONE,
    QUEUE,
    RATES,
    SITE,
    SPAN,
    THREAD,
    Actions,
    Progress,
    Spans,
    Table,
)

EVENT_LIMIT = 1 << 40
SLEEP = 0 if sys.platform == "win32" else ctypes.cast(ctypes.CDLL(None).usleep, ctypes.c_void_p).value or 0
"""What lets a thread sleep for some microseconds; nothing where there is no such function."""

Words = npt.NDArray[np.integer[Any]]


class Runs(Protocol):
    """The actions of a thread that are not all in memory: a run of them at a time, each time anew."""

    def runs(self) -> Iterator[Actions]:
        """In order; a run stays valid until the next one is taken."""


@dataclass(frozen=True, slots=True)
class Growing:
    """The actions of all threads, which grow while they are solved.

    Attributes:
        lists: rows of dtype :data:`LIST`, where compiled code adds to them and whose memory stays until all is solved.
        places: the row of every thread.
        read: gets at a run that is not in memory, by its row and its number.
    """

    lists: Table
    places: npt.NDArray[np.uint32]
    read: Callable[[int, int], Actions]

    def next_of(self, thread: int) -> Actions:
        """The run that the solver is at."""
        place = int(self.places[thread])
        return self.read(place, int(self.lists["reading"][place]))


@dataclass(frozen=True, slots=True)
class Workload:
    """What there is to do.

    Attributes:
        nodes: of every thread: ``y * width + x`` in NoC 0 coordinates.
        actions: of every thread, in order: an array of dtype :data:`ACTION`, or runs of them.
        queues: capacity of every queue, in pages.
        counters: value that every counter begins with; what arrives with effect ``e`` at ``cores[c]`` changes counter
            ``e * len(cores) + c``.
        cores: nodes of the cores that counters belong to.
        channels: how many DRAM channels there are.
    """

    nodes: Sequence[int]
    actions: Sequence[Actions | Runs]
    queues: Sequence[int] | Words = ()
    counters: Sequence[int] | Words = ()
    channels: int = 0
    cores: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Solution:
    """When all of it was over, in cycles.

    Attributes:
        finish: of every thread.
        busy, waited: cycles per thread and :class:`Kind` of action.
        count: how often a thread did an action of a kind.
        moved, moved_dram: bytes of every thread's commands, and those that went from or to DRAM.
        tiles: that every engine worked on.
        pages: that every thread pushed or popped, whichever is more.
        complete: false when threads wait for what never comes; those have not finished.
        last: when the last of all that happened was over.
        sites: see :data:`SITE`.
        banks: see :data:`BANK`.
        link_flits: cycles that flits took, per NoC, direction (x, y, out of the node, into it) and node.
    """

    finish: npt.NDArray[np.float64]
    busy: npt.NDArray[np.float64]
    waited: npt.NDArray[np.float64]
    count: npt.NDArray[np.uint64]
    moved: npt.NDArray[np.uint64]
    moved_dram: npt.NDArray[np.uint64]
    tiles: npt.NDArray[np.uint64]
    pages: npt.NDArray[np.uint64]
    complete: bool
    last: float
    events: int
    sites: Table
    banks: Table
    link_flits: npt.NDArray[np.float64]

    @property
    def cycles(self) -> float:
        """From the beginning to the end of the last thread, or to that of what happened where threads wait for ever."""
        return max(float(self.finish.max(initial=0.0)), 0.0 if self.complete else self.last)


@dataclass(frozen=True, slots=True)
class Functions:
    """Of the compiled solver: carries a job out, and tells it how far its launch is."""

    solve: Callable[[int], bool]
    progress: Callable[[int, int], None]


class Solving:
    """A workload on a chip, laid out for the compiled solver.

    Args:
        functions: see :class:`Functions`.
        keep: see :meth:`.solver.Solver.solve`.
        growing: where the solver takes the workload's actions from, of which nobody else sees to them.
    """

    def __init__(
        self,
        functions: Functions,
        chip: Chip,
        workload: Workload,
        keep: Callable[[Spans], None] | None = None,
        growing: Growing | None = None,
    ) -> None:
        width, height = chip.grid
        self._functions, self._workload = functions, workload
        self._threads = threads = np.zeros(len(workload.actions), THREAD)
        threads["node"], threads["last_site"], threads["next_site"] = workload.nodes, NONE, NONE
        self._tables: dict[str, npt.NDArray[Any]] = {
            "chip": _constants(chip), "threads": threads,
            "queues": _table(QUEUE, "capacity", workload.queues),
            "counters": _table(COUNTER, "value", workload.counters), "channels": _banks(workload.channels),
            "cores": _cores(workload.cores, width * height), "link_flits": np.zeros((2, 4, height * width)),
        }  # fmt: skip
        if growing is not None:
            self._tables |= {"lists": growing.lists, "listed": growing.places}
        self._calls = _Calls(growing or workload.actions, threads, keep)
        self._job = self._laid_out()
        self._complete = False

    @property
    def address(self) -> int:
        """Of what compiled code knows of it."""
        return int(self._job.ctypes.data)

    def run(self) -> None:
        """Carry it out, of what grows until :meth:`tell` says that it does not any more."""
        self._complete = bool(self._functions.solve(self.address))

    def tell(self, progress: Progress) -> None:
        """Tell the solver, which another thread runs, how far the launch is."""
        self._functions.progress(self.address, progress)

    def solution(self) -> Solution:
        """What came out."""
        job, threads, tables = self._job[0], self._threads, self._tables
        sites = _taken(int(job["sites"]), int(job["site_count"]))
        job["sites"] = 0
        self._calls.raise_failure()
        return Solution(
            finish=threads["finish"].copy(),
            busy=threads["sums"]["busy"].copy(),
            waited=threads["sums"]["waited"].copy(),
            count=threads["sums"]["count"].copy(),
            moved=threads["moved"].copy(),
            moved_dram=threads["moved_dram"].copy(),
            tiles=threads["tiles"].copy(),
            pages=np.maximum(threads["pushed"], threads["popped"]),
            complete=self._complete,
            last=float(job["time"]),
            events=int(job["events"]),
            sites=sites,
            banks=tables["channels"][: self._workload.channels],
            link_flits=tables["link_flits"],
        )

    def _laid_out(self) -> Table:
        workload, job = self._workload, np.zeros(1, JOB)
        for name, table in self._tables.items():
            job[0][name] = table.ctypes.data
        # Python's own: present on every system, and safe without the interpreter's lock.
        python = ctypes.pythonapi
        for name, function in (("allocate", python.PyMem_RawRealloc), ("release", python.PyMem_RawFree)):
            job[0][name] = ctypes.cast(function, ctypes.c_void_p).value or 0
        job[0]["more"], job[0]["keep"], job[0]["sleep"] = self._calls.more, self._calls.keep, SLEEP
        sizes = (len(workload.actions), len(workload.queues), len(workload.counters), workload.channels)
        for name, count in zip(COUNTS, (*sizes, len(workload.cores), 0), strict=True):
            job[0][name] = count
        job[0]["event_limit"] = EVENT_LIMIT
        return job


class _Calls:
    """What the solver calls while it works: for a thread's next actions, and with what happened."""

    def __init__(
        self, actions: Sequence[Actions | Runs] | Growing, threads: Table, keep: Callable[[Spans], None] | None
    ) -> None:
        self._threads, self._keep_spans = threads, keep
        self._rest: dict[int, Iterator[Actions]] = {}
        self._current: dict[int, Actions | None] = {}
        self._growing = actions if isinstance(actions, Growing) else None
        for thread, those in enumerate(() if isinstance(actions, Growing) else actions):
            if isinstance(those, np.ndarray):
                self._hand_over(thread, those)
                threads["whole"][thread] = 1
            else:
                self._rest[thread] = those.runs()
        self._failure: BaseException | None = None
        self._more = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_uint32)(self._next_run)
        self._keep = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32)(self._kept)
        self.more = ctypes.cast(self._more, ctypes.c_void_p).value or 0
        self.keep = (ctypes.cast(self._keep, ctypes.c_void_p).value or 0) if keep is not None else 0

    def raise_failure(self) -> None:
        """Raise what a call could not: compiled code was in between."""
        if self._failure is not None:
            raise self._failure

    def _next_run(self, thread: int) -> bool:
        run = None
        if self._failure is None:
            try:
                if self._growing is not None:
                    return self._lend(thread, self._growing.next_of(thread))
                run = next((run for run in self._rest[thread] if len(run)), None)
            except BaseException as failure:  # noqa: BLE001 - raised behind the compiled code
                self._failure = failure
        if run is not None:
            self._hand_over(thread, run)
        return run is not None

    def _hand_over(self, thread: int, run: Actions) -> None:
        self._lend(thread, run)
        self._threads["end"][thread], self._threads["position"][thread] = len(run), 0

    def _lend(self, thread: int, run: Actions) -> bool:
        self._current[thread] = run
        self._threads["actions"][thread] = run.ctypes.data
        return True

    def _kept(self, address: int, count: int) -> None:
        if self._keep_spans is None or self._failure is not None:
            return
        raw = memoryview((ctypes.c_char * (count * SPAN.itemsize)).from_address(address)).cast("B")
        try:
            self._keep_spans(np.frombuffer(raw, SPAN))
        except BaseException as failure:  # noqa: BLE001 - as above
            self._failure = failure


def _taken(address: int, count: int) -> Table:
    """Sites, copied out of memory that the solver leaves behind."""
    raw = ctypes.string_at(address, count * SITE.itemsize) if address else b""
    free = ctypes.pythonapi.PyMem_RawFree
    free.argtypes, free.restype = [ctypes.c_void_p], None
    free(address)
    return np.frombuffer(raw, SITE)


def _table(layout: np.dtype[Any], column: str, values: Sequence[int] | Words) -> npt.NDArray[np.void]:
    table = np.zeros(max(1, len(values)), layout)
    table[column][: len(values)] = values
    table["waiting"] = NONE
    return table


def _banks(count: int) -> Table:
    banks = np.zeros(max(1, count), BANK)
    banks["until"] = -np.inf
    return banks


def _cores(nodes: Sequence[int], count: int) -> npt.NDArray[np.uint32]:
    table = np.full(count, NONE, np.uint32)
    table[list(nodes)] = np.arange(len(nodes))
    return table


def _constants(chip: Chip) -> npt.NDArray[np.void]:
    record = np.zeros(1, CHIP)
    record["width"], record["height"] = chip.grid
    record["flit"], record["packet"] = chip.flit.value, chip.packet.value
    for name in RATES:
        record[name] = getattr(chip, name).value
    return record
