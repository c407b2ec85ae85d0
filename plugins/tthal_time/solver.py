"""The compiled solver (compiled/solver.h) from Python: actions of processors and engines in, start and end out."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag, unique
from pathlib import Path
from typing import Any, ClassVar

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


class Flag(IntFlag):
    """Bits of an action's flags."""

    POSTED = 1
    LOOPBACK = 2
    LINKED = 4
    AT_LEAST = 8
    ADD = 16


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
        *((name, "<u4") for name in ("node", "state", "reads", "writes", "unsent", "atomics")),
        ("position", "<u8"), ("end", "<u8"),
        *((name, "<u4") for name in ("done", "next_waiting", "repetition", "linked", "cast", "padding")),
        *((name, "<f8") for name in ("since", "finish", "path_free")),
        ("busy", "<f8", (len(Kind),)), ("waited", "<f8", (len(Kind),)),
    ]
)  # fmt: skip
_QUEUE = np.dtype([(name, "<u4") for name in ("capacity", "pushed", "popped", "waiting")])
_COUNTER = np.dtype([(name, "<u4") for name in ("value", "waiting")])
_BANK = np.dtype([("free", "<f8"), ("until", "<f8", (2,))])
_RATES = (
    "hop", "niu", "write_rate", "read_rate", "router_room", "path_base", "path_hop", "path_inside", "path_outside",
    "linked_gap", "dram_rate", "dram_mixed_rate", "dram_turning", "dram_read_interval", "dram_write_interval",
    "dram_small_write",
    "dram_small_write_interval", "dram_read_latency", "dram_write_latency", "response",
)  # fmt: skip
_CHIP = np.dtype(
    [*((name, "<u4") for name in ("width", "height", "flit", "packet")), *((name, "<f8") for name in _RATES)]
)
_TABLES = ("chip", "actions", "ends", "threads", "queues", "counters", "channels", "cores", "link_flits")
_ADDRESSES = (*_TABLES, "allocate", "release")
_COUNTS = ("thread_count", "queue_count", "counter_count", "channel_count", "core_count", "padding")
_JOB = np.dtype(
    [
        *((name, "<u8") for name in _ADDRESSES), *((name, "<u4") for name in _COUNTS),
        ("time", "<f8"), ("events", "<u8"), ("event_limit", "<u8"),
    ]
)  # fmt: skip
_LAYOUTS = (_JOB, _CHIP, ACTION, _THREAD, _QUEUE, _COUNTER)

Actions = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Workload:
    """What there is to do.

    Attributes:
        nodes: of every thread: ``y * width + x`` in NoC 0 coordinates.
        actions: of every thread, in order, dtype :data:`ACTION`.
        queues: capacity of every queue, in pages.
        counters: value that every counter begins with; what arrives with effect ``e`` at ``cores[c]`` changes counter
            ``e * len(cores) + c``.
        cores: nodes of the cores that counters belong to.
        channels: how many DRAM channels there are.
    """

    nodes: Sequence[int]
    actions: Sequence[Actions]
    queues: Sequence[int] = ()
    counters: Sequence[int] = ()
    channels: int = 0
    cores: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Solution:
    """When all of it was over, in cycles.

    Attributes:
        finish: of every thread.
        busy, waited: per thread and :class:`Kind` of action.
        complete: false when threads wait for what never comes; those have not finished.
        ends: of every action of every thread, when they were asked for.
        link_flits: cycles that flits took, per NoC, direction (x, y, out of the node, into it) and node.
    """

    finish: npt.NDArray[np.float64]
    busy: npt.NDArray[np.float64]
    waited: npt.NDArray[np.float64]
    complete: bool
    events: int
    ends: Sequence[npt.NDArray[np.float64]] = ()
    link_flits: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    @property
    def cycles(self) -> float:
        """From the beginning to the end of the last thread."""
        return float(self.finish.max(initial=0.0))


class Solver(Observer):
    """The compiled solver; a device that it observes builds it, and tells it nothing else."""

    sources: ClassVar[Path | None] = Path(__file__).resolve().parent / "compiled"

    def __init__(self) -> None:
        self._solve: Any = None

    def built(self, address_of: Callable[[str], int]) -> None:
        """See :class:`Observer`."""
        size_of = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_uint32)(address_of("tthal_time_size"))
        if [int(size_of(which)) for which in range(len(_LAYOUTS))] != [layout.itemsize for layout in _LAYOUTS]:
            raise RuntimeError("the compiled solver has another layout than Python expects")
        self._solve = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p)(address_of("tthal_time_solve"))

    def solve(self, chip: Chip, workload: Workload, *, keep_ends: bool = False) -> Solution:
        """Carry a workload out on a chip.

        Raises:
            RuntimeError: no device has built the solver.
        """
        if self._solve is None:
            raise RuntimeError("the solver is built by the device that it observes; there is none")
        lengths = [len(actions) for actions in workload.actions]
        begins = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        actions = np.concatenate([np.zeros(0, ACTION), *workload.actions])
        threads = np.zeros(len(lengths), _THREAD)
        threads["node"], threads["position"], threads["end"] = workload.nodes, begins[:-1], begins[1:]
        queues = _table(_QUEUE, "capacity", workload.queues)
        counters = _table(_COUNTER, "value", workload.counters)
        width, height = chip.grid
        tables: dict[str, npt.NDArray[Any]] = {
            "chip": _constants(chip), "actions": actions, "threads": threads, "queues": queues, "counters": counters,
            "channels": _banks(workload.channels),
            "cores": _cores(workload.cores, width * height), "link_flits": np.zeros((2, 4, height * width)),
        }  # fmt: skip
        if keep_ends:
            tables["ends"] = np.zeros(len(actions))
        job = self._job(tables, workload)
        complete = bool(self._solve(job.ctypes.data))
        ends = np.split(tables["ends"], begins[1:-1]) if keep_ends and lengths else ()
        return Solution(
            finish=threads["finish"].copy(),
            busy=threads["busy"].copy(),
            waited=threads["waited"].copy(),
            complete=complete,
            events=int(job[0]["events"]),
            ends=ends,
            link_flits=tables["link_flits"],
        )

    def _job(self, tables: Mapping[str, npt.NDArray[Any]], workload: Workload) -> npt.NDArray[np.void]:
        job = np.zeros(1, _JOB)
        for name, table in tables.items():
            job[0][name] = table.ctypes.data
        # Python's own: present on every system, and safe without the interpreter's lock.
        python = ctypes.pythonapi
        for name, function in (("allocate", python.PyMem_RawRealloc), ("release", python.PyMem_RawFree)):
            job[0][name] = ctypes.cast(function, ctypes.c_void_p).value or 0
        sizes = (len(workload.actions), len(workload.queues), len(workload.counters), workload.channels)
        for name, count in zip(_COUNTS, (*sizes, len(workload.cores), 0), strict=True):
            job[0][name] = count
        job[0]["event_limit"] = EVENT_LIMIT
        return job


def _table(layout: np.dtype[Any], column: str, values: Sequence[int]) -> npt.NDArray[np.void]:
    table = np.zeros(max(1, len(values)), layout)
    table[column][: len(values)] = values
    table["waiting"] = NONE
    return table


def _banks(count: int) -> npt.NDArray[np.void]:
    banks = np.zeros(max(1, count), _BANK)
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
