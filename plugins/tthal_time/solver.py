"""The compiled solver (compiled/solver.h) from Python: actions of processors and engines in, start and end out."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag, unique
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from tthal.observer import Observer

from .constants import Chip

NONE = 0xFFFFFFFF
EVENT_LIMIT = 1 << 40


@unique
class Kind(IntEnum):
    """What an action does; compiled/solver.h says which fields count."""

    WORK = 0
    READ = 1
    WRITE = 2
    MULTICAST = 3
    ATOMIC = 4
    READ_BARRIER = 5
    WRITE_BARRIER = 6
    WRITE_FLUSH = 7
    ATOMIC_BARRIER = 8
    QUEUE_WAIT = 9
    QUEUE_POP = 10
    QUEUE_RESERVE = 11
    QUEUE_PUSH = 12
    COUNTER_WAIT = 13
    COUNTER_SET = 14
    HAND_ON = 15
    TAKE_UP = 16
    CODE = 17
    ZONE = 18


class Flag(IntFlag):
    """Bits of an action's flags."""

    POSTED = 1
    LOOPBACK = 2
    LINKED = 4
    AT_LEAST = 8
    ADD = 16
    ZONE_END = 32
    INSTANT = 64
    CHANGES = 128


ACTION = np.dtype(
    [
        ("kind", "u1"), ("noc", "u1"), ("flags", "u1"), ("padding", "u1"), ("repeat", "<u4"), ("node", "<u4"),
        ("last", "<u4"), ("bytes", "<u4"), ("count", "<u4"), ("channel", "<u4"), ("effect", "<u4"), ("value", "<u4"),
        ("site", "<u4"), ("cycles", "<f8"),
    ]
)  # fmt: skip
"""One step of a processor or an engine; ``repeat`` times the same."""
_THREAD = np.dtype(
    [
        ("actions", "<u8"), ("position", "<u8"), ("end", "<u8"), ("since", "<f8"), ("asked", "<f8"),
        *((name, "<u4") for name in ("state", "repetition", "last_site", "next_site", "done", "whole", "node")),
        *((name, "<u4") for name in ("next_waiting", "reads", "writes", "unsent", "atomics", "linked", "cast")),
        ("finish", "<f8"), ("path_free", "<f8"),
        *((name, "<u8") for name in ("moved", "moved_dram", "tiles", "pushed", "popped")),
        ("sums", [("busy", "<f8"), ("waited", "<f8"), ("count", "<u8")], (len(Kind),)),
    ]
)  # fmt: skip
SITE = np.dtype([("thread", "<u4"), ("site", "<u4"), ("count", "<u8"), ("busy", "<f8"), ("waited", "<f8")])
"""What a place of a thread's kernel took in all: cycles at work and waiting."""
SPAN = np.dtype(
    [
        ("thread", "<u4"), ("kind", "u1"), ("noc", "u1"), ("flags", "u1"), ("is_transfer", "u1"),
        *((name, "<u4") for name in ("site", "node", "bytes", "count", "channel", "value")),
        *((name, "<f8") for name in ("asked", "began", "ended")),
    ]
)  # fmt: skip
"""One action (wanted, its own cycles begin, over) or one transfer (command given, the same, data there)."""
_QUEUE = np.dtype([(name, "<u4") for name in ("capacity", "pushed", "popped", "waiting")])
_COUNTER = np.dtype([(name, "<u4") for name in ("value", "waiting", "changes", "padding")])
BANK = np.dtype([("free", "<f8"), ("until", "<f8", (2,)), ("busy", "<f8"), ("bytes", "<u8", (2,))])
"""A DRAM bank: cycles it was at work, and bytes read and written."""
_RATES = (
    "hop", "niu", "write_rate", "read_rate", "router_room", "path_base", "path_hop", "path_inside", "path_outside",
    "linked_gap", "dram_rate", "dram_mixed_rate", "dram_turning", "dram_read_interval", "dram_write_interval",
    "dram_small_write",
    "dram_small_write_interval", "dram_read_latency", "dram_write_latency", "response",
)  # fmt: skip
_CHIP = np.dtype(
    [*((name, "<u4") for name in ("width", "height", "flit", "packet")), *((name, "<f8") for name in _RATES)]
)
_TABLES = ("chip", "threads", "queues", "counters", "channels", "cores", "link_flits")
_ADDRESSES = (*_TABLES, "allocate", "release", "more", "keep", "sites")
_COUNTS = ("thread_count", "queue_count", "counter_count", "channel_count", "core_count", "site_count")
_JOB = np.dtype(
    [
        *((name, "<u8") for name in _ADDRESSES), *((name, "<u4") for name in _COUNTS),
        ("time", "<f8"), ("events", "<u8"), ("event_limit", "<u8"),
    ]
)  # fmt: skip
_LAYOUTS = (_JOB, _CHIP, ACTION, _THREAD, _QUEUE, _COUNTER, BANK, SITE, SPAN)

Actions = npt.NDArray[np.void]
Spans = npt.NDArray[np.void]
Table = npt.NDArray[np.void]


class Runs(Protocol):
    """The actions of a thread that are not all in memory: a run of them at a time, each time anew."""

    def runs(self) -> Iterator[Actions]:
        """In order; a run stays valid until the next one is taken."""


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
    queues: Sequence[int] = ()
    counters: Sequence[int] = ()
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


class Solver(Observer):
    """The compiled solver; a device that it observes builds it, and tells it nothing else."""

    sources: Path | tuple[Path, ...] | None = Path(__file__).resolve().parent / "compiled"

    def __init__(self) -> None:
        self._solve: Any = None

    def built(self, address_of: Callable[[str], int]) -> None:
        """See :class:`Observer`."""
        size_of = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_uint32)(address_of("tthal_time_size"))
        if [int(size_of(which)) for which in range(len(_LAYOUTS))] != [layout.itemsize for layout in _LAYOUTS]:
            raise RuntimeError("the compiled solver has another layout than Python expects")
        self._solve = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p)(address_of("tthal_time_solve"))

    def solve(self, chip: Chip, workload: Workload, *, keep: Callable[[Spans], None] | None = None) -> Solution:
        """Carry a workload out on a chip.

        Args:
            keep: is told of everything that happens, many spans at a time; the array is valid during the call. Spans
                come in the order in which they end, but for those of a thread that nobody else sees, which may come
                before others' that end sooner.

        Raises:
            RuntimeError: no device has built the solver.
        """
        if self._solve is None:
            raise RuntimeError("the solver is built by the device that it observes; there is none")
        width, height = chip.grid
        threads = np.zeros(len(workload.actions), _THREAD)
        threads["node"], threads["last_site"], threads["next_site"] = workload.nodes, NONE, NONE
        tables: dict[str, npt.NDArray[Any]] = {
            "chip": _constants(chip), "threads": threads,
            "queues": _table(_QUEUE, "capacity", workload.queues),
            "counters": _table(_COUNTER, "value", workload.counters), "channels": _banks(workload.channels),
            "cores": _cores(workload.cores, width * height), "link_flits": np.zeros((2, 4, height * width)),
        }  # fmt: skip
        calls = _Calls(workload, threads, keep)
        job = self._job(tables, workload, calls)
        complete = bool(self._solve(job.ctypes.data))
        sites = _taken(int(job[0]["sites"]), int(job[0]["site_count"]))
        calls.raise_failure()
        return Solution(
            finish=threads["finish"].copy(),
            busy=threads["sums"]["busy"].copy(),
            waited=threads["sums"]["waited"].copy(),
            count=threads["sums"]["count"].copy(),
            moved=threads["moved"].copy(),
            moved_dram=threads["moved_dram"].copy(),
            tiles=threads["tiles"].copy(),
            pages=np.maximum(threads["pushed"], threads["popped"]),
            complete=complete,
            last=float(job[0]["time"]),
            events=int(job[0]["events"]),
            sites=sites,
            banks=tables["channels"][: workload.channels],
            link_flits=tables["link_flits"],
        )

    def _job(self, tables: Mapping[str, npt.NDArray[Any]], workload: Workload, calls: _Calls) -> Table:
        job = np.zeros(1, _JOB)
        for name, table in tables.items():
            job[0][name] = table.ctypes.data
        # Python's own: present on every system, and safe without the interpreter's lock.
        python = ctypes.pythonapi
        for name, function in (("allocate", python.PyMem_RawRealloc), ("release", python.PyMem_RawFree)):
            job[0][name] = ctypes.cast(function, ctypes.c_void_p).value or 0
        job[0]["more"], job[0]["keep"] = calls.more, calls.keep
        sizes = (len(workload.actions), len(workload.queues), len(workload.counters), workload.channels)
        for name, count in zip(_COUNTS, (*sizes, len(workload.cores), 0), strict=True):
            job[0][name] = count
        job[0]["event_limit"] = EVENT_LIMIT
        return job


class _Calls:
    """What the solver calls while it works: for a thread's next actions, and with what happened."""

    def __init__(self, workload: Workload, threads: Table, keep: Callable[[Spans], None] | None) -> None:
        self._threads, self._keep_spans = threads, keep
        self._rest: dict[int, Iterator[Actions]] = {}
        self._current: dict[int, Actions | None] = {}
        for thread, actions in enumerate(workload.actions):
            if isinstance(actions, np.ndarray):
                self._hand_over(thread, actions)
                threads["whole"][thread] = 1
            else:
                self._rest[thread] = actions.runs()
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
                run = next((run for run in self._rest[thread] if len(run)), None)
            except BaseException as failure:  # noqa: BLE001 - raised behind the compiled code
                self._failure = failure
        if run is not None:
            self._hand_over(thread, run)
        return run is not None

    def _hand_over(self, thread: int, run: Actions) -> None:
        self._current[thread] = run
        self._threads["actions"][thread], self._threads["end"][thread] = run.ctypes.data, len(run)
        self._threads["position"][thread] = 0

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


def _table(layout: np.dtype[Any], column: str, values: Sequence[int]) -> npt.NDArray[np.void]:
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
    record = np.zeros(1, _CHIP)
    record["width"], record["height"] = chip.grid
    record["flit"], record["packet"] = chip.flit.value, chip.packet.value
    for name in _RATES:
        record[name] = getattr(chip, name).value
    return record
