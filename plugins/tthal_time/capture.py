"""Captures what a launch does (compiled/capture.cpp) as actions for the solver."""

from __future__ import annotations

import ctypes
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tthal.observer import NODE_BITS, SLOTS, CompiledListener, ObservedLaunch, name_hash

from .constants import CHIPS, Chip
from .constants.math_unit import OPERATIONS, math_table
from .constants.vector_unit import SFPI, UNKNOWN, VECTOR_FUNCTIONS
from .events import EventFile
from .layouts import LIST, NONE, RUN, Actions, Table
from .lists import Listed, Lists, actions_at
from .participants import ENGINES, Participants, Thread, participants
from .places import Places
from .solving import SLEEP, Growing, Runs, Solution, Workload

_logger = logging.getLogger("tthal.time")

_CLOCK_EVENTS = 30_000_000
"""That are solved for kernels which ask for the time, in one launch; after that they get their own work's cycles."""
_KEPT = 1 << 20
"""Actions of a launch, beyond which those that are solved are forgotten unless they are asked for again."""
_ALL = (1 << 64) - 1
_ADDRESSES, _PENDING = 256, 16
_PLACES = 1 << 2 * NODE_BITS
_AXIS = (1 << NODE_BITS) - 1
_SMALL = np.dtype(
    [
        ("remote", "<u8"), *((name, "<u4") for name in ("slot", "value", "first", "last", "left_out", "adds")),
    ]
)  # fmt: skip
_WORD = np.dtype([(name, "<u4") for name in ("value", "changes", "is_loose", "padding")])
_PROCESSOR_WORDS = 18
_PROCESSOR = np.dtype(
    [
        ("words", "<u4", (_PROCESSOR_WORDS,)), ("own", "<f8"), ("free", "<f8", (len(ENGINES),)), ("included", "<f8"),
        ("remote", "<u8"), ("clock_time", "<f8"), ("clock_cycles", "<f8"),
        ("clock_position", "<u8"), ("pending", _SMALL, (_PENDING,)),
    ]
)  # fmt: skip
_TABLES = (
    "nodes",
    "channels",
    "cores",
    "costs",
    "math",
    "unpack",
    "phases",
    "lists",
    "processors",
    "addresses",
    "words",
    "functions",
)
_CAPTURE = np.dtype(
    [
        *((name, "<u8") for name in ("allocate", "spill", "clock", *_TABLES)), ("core_count", "<u4"),
        ("slot_count", "<u4"), ("function_count", "<u4"), ("function_limit", "<u4"),
        ("unknown_function", "<f8"), ("begin", "<f8"), ("polls", "<u8"), ("unknown", "<u8"),
        ("total", "<u8"), ("lost", "<u8"), ("room", "<u8"), ("solver", "<u8"), ("sleep", "<u8"),
        ("kept", "<u8"),
        ("width", "<u4"), ("height", "<u4"),
    ]
)  # fmt: skip
_FUNCTION = np.dtype([("name", "<u8"), ("cycles", "<f8"), ("calls", "<u8"), ("took", "<f8")])
_OTHER_FUNCTIONS = 64
"""That were not measured, by name, in one launch."""
_NAME = re.compile(r"[A-Za-z_]\w*")
_LAYOUTS = (_CAPTURE, LIST, _PROCESSOR, _SMALL, _WORD)


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """A function that the model has no figure for: how often it was called, and the cycles that stand for it."""

    name: str
    calls: int
    cycles: float


@dataclass(frozen=True, slots=True)
class Captured:
    """What one launch did.

    Attributes:
        threads: in the order of the workload's actions.
        buffers: the cores that have a circular buffer, by its index.
        phases: of fidelity, per core.
        events: how many actions there were; ``stored``: bytes of them on disk.
        polls: how often processors looked again at what others decide: their order is the functional run's.
        left_out: events that have no cost in the model.
        unmeasured: functions of the vector unit that were not measured, whose cost stands for that of others.
        complete: false when there was no place for all of it.
        unsolved: looks at the clock that were told the cycles of the kernel's own work only.
    """

    threads: tuple[Thread, ...]
    workload: Workload
    buffers: Mapping[int, Sequence[int]]
    events: int
    stored: int
    polls: int
    left_out: int
    unmeasured: tuple[Unmeasured, ...]
    phases: npt.NDArray[np.uint32]
    complete: bool
    unsolved: int = 0

    def cores_with(self, buffer: int) -> Sequence[int]:
        """Numbers of the cores whose kernels use a circular buffer."""
        return self.buffers.get(buffer, ())


class Capture:
    """The compiled capture of one device, one launch after the other.

    Args:
        solve: carries out what happened so far, for kernels that ask for the time.
    """

    def __init__(
        self,
        address_of: Callable[[str], int],
        chip: Chip,
        places: Places,
        solve: Callable[[Workload], Solution] | None = None,
    ) -> None:
        size_of = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_uint32)(address_of("tthal_time_capture_size"))
        if [int(size_of(which)) for which in range(len(_LAYOUTS))] != [layout.itemsize for layout in _LAYOUTS]:
            raise RuntimeError("the compiled capture has another layout than Python expects")
        self._chip, self._places, self._cores = chip, places, places.grid[0] * places.grid[1]
        self._state = np.zeros(1, _CAPTURE)
        place = [each.name for each in CHIPS.values()].index(chip.name)
        rows = [(name_hash(name), cycles[place], 0, 0.0) for name, cycles in VECTOR_FUNCTIONS.items()]
        self._measured = len(rows)
        self._functions = np.array(rows + _OTHER_FUNCTIONS * [(0, 0.0, 0, 0.0)], _FUNCTION)
        self._kept: dict[str, npt.NDArray[Any]] = {}
        self._parts: Participants | None = None
        self._prepared: tuple[object, object] = (None, None)
        self._nodes: npt.NDArray[np.int32] = np.zeros(0, np.int32)
        self._launch: ObservedLaunch | None = None
        self._solve, self._solved_events, self._unsolved, self._answers = solve, 0, 0, False
        self._lists, self._file = Lists(address_of, self._cores * SLOTS), EventFile()
        self._constant = _constant_tables(chip, places)
        self._spill = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_uint32, ctypes.c_uint64, ctypes.c_uint64)(self._spilled)
        self._clock = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_uint32)(self._asked)
        self.listener = CompiledListener(address_of("tthal_time_capture"), self._state.ctypes.data)

    def begin(self, launch: ObservedLaunch, clock: float = 0.0, *, keeps: bool = False) -> None:
        """Lay the tables out for a launch.

        Args:
            clock: cycles that the device's clock shows as it begins.
            keeps: what a solver that keeps step with the launch has solved is asked for again afterwards.
        """
        self._launch, self._solved_events, cores = launch, 0, self._cores
        self._answers, self._unsolved = False, 0
        if self._nodes is not launch.nodes:
            self._nodes, self._node_tables = launch.nodes, _node_tables(launch, self._places)
        if self._parts is None or launch.kernels is not self._prepared[0] or launch.cores is not self._prepared[1]:
            self._parts, self._prepared = participants(launch, self._places), (launch.kernels, launch.cores)
        self._lists.empty()
        nodes, channels = self._node_tables
        self._kept = self._constant | {
            "nodes": nodes, "channels": channels, "phases": self._parts.phases,
            "lists": self._lists.table, "processors": np.zeros(cores * SLOTS, _PROCESSOR),
            "addresses": np.zeros(_ADDRESSES, np.uint32), "words": np.zeros(_ADDRESSES * cores, _WORD),
            "functions": self._functions.copy(), "full": np.zeros(1, np.bool_),
        }  # fmt: skip
        self._values_before(launch, cores)
        self._state[:] = np.zeros(1, _CAPTURE)
        state = self._state[0]
        for name in _TABLES:
            state[name] = self._kept[name].ctypes.data
        state["allocate"] = ctypes.cast(ctypes.pythonapi.PyMem_RawRealloc, ctypes.c_void_p).value or 0
        for name, call in (("spill", self._spill), ("clock", self._clock)):
            state[name] = ctypes.cast(call, ctypes.c_void_p).value or 0
        state["core_count"] = cores
        state["width"], state["height"] = self._chip.grid
        state["slot_count"], state["function_count"] = self._known_words, self._measured
        state["function_limit"] = len(self._functions)
        state["unknown_function"], state["begin"] = UNKNOWN, clock
        state["room"], state["sleep"] = self._lists.table["capacity"].sum(), SLEEP
        state["kept"] = _ALL if keeps else _KEPT

    def _spilled(self, place: int, number: int, address: int) -> bool:
        try:
            self._file.write(place, number, actions_at(address, RUN))
        except OSError as failure:
            if not self._kept["full"][0]:
                _logger.warning("the events of this launch do not fit on the disk: %s", failure)
            self._kept["full"][0] = True
            return False
        return True

    def _values_before(self, launch: ObservedLaunch, cores: int) -> None:
        """Semaphores begin with the program's values, which a launch writes after this; others with what is there."""
        initial = {semaphore.id: semaphore for semaphore in launch.image.semaphores}
        addresses, values = self._kept["addresses"], self._kept["words"]["value"]
        slots: dict[int, int] = {}
        for index, core in launch.cores.items():
            base, count = core.semaphores
            memory = launch.l1(index)
            for number in range(count):
                address = base + 16 * number
                slot = slots.setdefault(address, len(slots))
                if slot >= _ADDRESSES or address + 4 > len(memory):
                    continue
                addresses[slot] = address
                value = int.from_bytes(memory[address : address + 4], "little")
                if number in initial and core.core in initial[number].core_ranges:
                    value = initial[number].initial_value
                values[slot * cores + index] = value
        self._known_words = min(len(slots), _ADDRESSES)
        self._first_values = values.copy()

    def _asked(self, place: int) -> float:
        """When what a thread did so far is over, given what everybody did so far; negative when it cannot be said."""
        if self._launch is None or self._solve is None or self._solved_events > _CLOCK_EVENTS:
            self._unsolved += 1
            return -1.0
        state = self._state[0]
        if not self._answers and int(state["total"]) > _KEPT:
            self._unsolved += 1
            return -1.0  # some of it may be forgotten
        self._answers, state["kept"] = True, _ALL
        try:
            solution = self._solve(self._workload(self._listed(self._file)))
        except OSError as failure:
            _logger.warning("the time that a kernel asks for is not known: %s", failure)
            return -1.0
        self._solved_events += solution.events
        return float(solution.finish[self._there.lists.index(place)]) or -1.0

    @property
    def _there(self) -> Participants:
        if self._parts is None:
            raise RuntimeError("no launch has begun")
        return self._parts

    def growing(self) -> tuple[Workload, Growing]:
        """What the launch that has begun does, for a solver that keeps step with it."""
        listed = self._listed(self._file)
        return self._workload(listed), listed.growing()

    def solved_by(self, job: int) -> None:
        """Tell of that solver, by the address of its job: what it has solved need not stay in memory."""
        self._state[0]["solver"] = job

    def _listed(self, file: EventFile) -> Listed:
        return Listed(self._lists, self._there.lists, file)

    def _workload(self, actions: Sequence[Actions | Runs]) -> Workload:
        return Workload(
            nodes=self._there.nodes,
            actions=actions,
            queues=self._there.queues,
            counters=self._first_values,
            channels=len(self._places.banks),
            cores=list(self._places.cores.values()),
        )

    def end(self, launch: ObservedLaunch) -> Captured:
        """Return what the launch did; valid until the next one begins."""
        state, there = self._state[0], self._there
        file, self._file = self._file, EventFile()
        self._launch = None
        return Captured(
            threads=there.threads,
            workload=self._workload(self._listed(file)),
            buffers=there.buffers,
            phases=there.phases,
            events=int(state["total"]),
            stored=file.size,
            polls=int(state["polls"]),
            left_out=int(state["unknown"]),
            unmeasured=_unmeasured(launch, self._kept["functions"][self._measured : int(state["function_count"])]),
            complete=not int(state["lost"]),
            unsolved=self._unsolved,
        )


def _constant_tables(chip: Chip, places: Places) -> dict[str, npt.NDArray[Any]]:
    unpack = np.zeros(OPERATIONS)
    for operation, cycles in chip.unpack.items():
        unpack[operation] = cycles
    return {
        "cores": core_of_nodes(places), "costs": np.array(_costs(chip), np.float64),
        "math": math_table(chip.math), "unpack": unpack,
    }  # fmt: skip


def _unmeasured(launch: ObservedLaunch, rows: Table) -> tuple[Unmeasured, ...]:
    """Records hold no names, but kernels' texts and defines do; the longest-running function comes first."""
    names = {name_hash(name): name for name in (_words_of(launch) if len(rows) else ())} | {name_hash(SFPI): SFPI}
    found = [
        Unmeasured(names.get(int(row["name"]), f"a function (hash {int(row['name']):#010x})"), int(row["calls"]), took)
        for row, took in zip(rows, rows["took"].tolist(), strict=True)
    ]
    return tuple(sorted(found, key=lambda function: -function.cycles))


def _words_of(launch: ObservedLaunch) -> set[str]:
    kernels = launch.image.kernels
    texts = [kernel.content.source for kernel in kernels]
    texts += [header.text for kernel in kernels for header in kernel.content.headers]
    texts += [value for kernel in kernels for _, value in kernel.defines]
    return {word for text in texts for word in _NAME.findall(text)}


def core_of_nodes(places: Places) -> npt.NDArray[np.uint32]:
    """Which core lies at every node; cores are numbered row by row."""
    width, height = places.chip.grid
    table = np.full(width * height, NONE, np.uint32)
    for index in range(places.grid[0] * places.grid[1]):
        table[places.core(index % places.grid[0], index // places.grid[0])] = index
    return table


def _node_tables(launch: ObservedLaunch, places: Places) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint32]]:
    """Node and DRAM channel of every coordinate that kernels may use, per NoC."""
    nodes = np.full((2, _PLACES), -1, np.int32)
    channels = np.full((2, _PLACES), NONE, np.uint32)
    for noc, found in enumerate(launch.nodes):
        for place in np.flatnonzero(found != -1):
            x, y, what = int(place) & _AXIS, int(place) >> NODE_BITS, int(found[place])
            if what >= 0:
                nodes[noc, place] = places.core(what % places.grid[0], what // places.grid[0])
                continue
            at = places.seen_from_noc0(x, y) if noc == 1 else (x, y)
            nodes[noc, place], channels[noc, place] = places.dram(*at)
    return nodes, channels


_COSTS = (
    "read_issue", "write_issue", "new_address", "read_barrier", "write_barrier", "buffer_call", "semaphore_call",
    "unpack_rate", "unpack_both_rate", "unpack_call", "pack_rate", "pack_add_rate", "pack_untilize_rate", "pack_call",
    "pack_section", "math_call", "unpack_set_up", "tilize_set_up", "math_set_up", "vector_set_up", "vector_call",
    "startup", "unpack_format", "pack_format", "semaphore_wait", "next_address", "section_call",
    "instruction", "l1_load", "l1_store", "division", "copy_alike", "copy_shifted", "issue_loop", "zone", "packet",
    "page_address",
)  # fmt: skip
"""In the order of Cost in compiled/capture.h."""


def _costs(chip: Chip) -> list[float]:
    figures = chip.figures()
    return [figures[name].value for name in _COSTS]
