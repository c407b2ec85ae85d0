"""What the model says of one launch: when it was over, and what every processor did and waited for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache

import numpy as np
import numpy.typing as npt

from tthal.errors import Frame, SourceLocation
from tthal.observer import ObservedLaunch

from .capture import Captured
from .constants import Chip
from .constants.vector_unit import UNKNOWN
from .layouts import Kind
from .participants import Thread
from .places import Places
from .solving import Solution

_DEVICE_HEADERS = "<"


class Cause(Enum):
    """What a processor spends its time on; the values are what a report calls it."""

    ISSUE = "issues commands"
    OWN = "own instructions"
    COMPUTE = "computes"
    NETWORK = "waits for the NoC to take a command"
    READS = "waits for reads"
    WRITES = "waits for writes"
    PAGES = "waits for pages"
    SPACE = "waits for space"
    SEMAPHORE = "waits for a semaphore"
    UNITS = "waits for another engine"

    __hash__ = object.__hash__  # members are single; an Enum's own costs more than the rest of a profile


_CAUSES = tuple(Cause)
WAITS = frozenset({Cause.PAGES, Cause.SPACE, Cause.SEMAPHORE, Cause.UNITS})
"""What others make a processor wait for."""
_ISSUING = frozenset({Kind.READ, Kind.WRITE, Kind.MULTICAST, Kind.ATOMIC})
_WAITING = {
    Kind.READ_BARRIER: Cause.READS,
    Kind.WRITE_BARRIER: Cause.WRITES,
    Kind.WRITE_FLUSH: Cause.WRITES,
    Kind.ATOMIC_BARRIER: Cause.WRITES,
    Kind.QUEUE_WAIT: Cause.PAGES,
    Kind.QUEUE_RESERVE: Cause.SPACE,
    Kind.COUNTER_WAIT: Cause.SEMAPHORE,
    Kind.HAND_ON: Cause.UNITS,
    Kind.TAKE_UP: Cause.UNITS,
}
WORKING = (Kind.WORK, Kind.HAND_ON, Kind.TAKE_UP)
"""What an engine is there for."""


@dataclass(frozen=True, slots=True)
class ThreadTime:
    """One processor or engine.

    Attributes:
        finish: cycles from the beginning of the launch.
        spent: cycles by cause; with the time after its end they add up to the launch's.
        sent: bytes that its commands moved; ``sent_dram``: those from and to DRAM.
        tiles: that an engine worked on (PACK: packed), or pages that a processor pushed or popped.
        hottest: the line that took it longest, and the share of its time.
    """

    thread: Thread
    finish: float
    spent: Mapping[Cause, float]
    sent: int
    sent_dram: int
    tiles: int
    hottest: tuple[SourceLocation | None, float]

    @property
    def own(self) -> float:
        """Cycles that are not the fault of other processors."""
        return sum(cycles for cause, cycles in self.spent.items() if cause not in WAITS)


@dataclass(frozen=True, slots=True)
class BankTime:
    """A DRAM bank: its node on the tori, cycles at work, bytes read and written."""

    node: int
    busy: float
    read: int
    written: int


@dataclass(frozen=True, slots=True)
class NotModelled:
    """A function that the model has no figure for; ``share``: of the time of the cores that compute."""

    name: str
    calls: int
    share: float

    def __str__(self) -> str:
        what = f"{self.name}: not modelled, {self.share:.1%} of the time"
        return (
            f"{what} in {self.calls} calls, which take what other functions of the vector unit do ({UNKNOWN:g} cycles)"
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """One launch.

    Attributes:
        chip: whose constants count.
        threads: those that did anything.
        grid: columns and rows of logical cores.
        nodes: where on the tori the cores lie, by logical coordinate.
        banks: cycles at work, bytes read and bytes written of every DRAM bank, and its node.
        links: cycles that flits took, per NoC, direction (x, y, out of the node, into it) and node.
        dram_bytes: that its commands moved from and to DRAM.
        events: how many there were; ``stored``: bytes of them that went to disk.
        not_modelled: functions that the model has no figure for, by their share of the launch's time.
        notes: what else the model leaves out of this launch.
        what_ifs: the same launch under other circumstances, by the question.
        failure: what a launch failed with that did not come to its end; all else is of what it did until then.
    """

    chip: Chip
    name: str
    cycles: float
    threads: Sequence[ThreadTime]
    grid: tuple[int, int]
    nodes: Mapping[tuple[int, int], int]
    banks: Sequence[BankTime]
    links: npt.NDArray[np.float64]
    dram_bytes: int
    events: int
    stored: int
    not_modelled: Sequence[NotModelled]
    notes: Sequence[str]
    what_ifs: Mapping[str, Profile] = field(default_factory=dict)
    failure: str = ""

    @property
    def remarks(self) -> list[str]:
        """All that a reader of the times should know, the most important first."""
        ended = [f"it did not come to its end ({self.failure}): these are the times of what it did until then"]
        return [*(ended if self.failure else []), *map(str, self.not_modelled), *self.notes]

    @property
    def nanoseconds(self) -> float:
        """From the first kernel's begin to the last one's end; without dispatch."""
        return self.cycles * 1e3 / self.chip.clock.value

    @property
    def dram_share(self) -> float:
        """DRAM traffic against what all banks together carry in that time."""
        limit = self.cycles * self.chip.dram_rate.value * len(self.banks)
        return self.dram_bytes / limit if limit else 0.0

    @property
    def busiest_bank(self) -> float:
        """Share of the launch in which the busiest bank of DRAM was at work."""
        return max((bank.busy for bank in self.banks), default=0.0) / self.cycles if self.cycles else 0.0

    @property
    def busiest_link(self) -> float:
        """Share of the launch in which the busiest link of both NoCs carried flits."""
        return float(self.links[:, :2].max(initial=0.0)) / self.cycles if self.cycles else 0.0

    @property
    def critical(self) -> ThreadTime | None:
        """The thread that the others wait for: it spends the most time on its own account."""
        return max(self.threads, key=lambda item: item.own, default=None)


@dataclass(frozen=True, slots=True)
class Row:
    """One kernel on one kind of processor or engine, on all its cores.

    Attributes:
        spent: mean share of the launch by cause.
        sent: bytes that the commands of all cores moved; ``limit``: bytes per cycle that they could.
        tiles: that the busiest core worked on; ``ideal``: cycles that each of them took an engine at work, else 0.
    """

    kernel: str
    label: str
    cores: int
    spent: Mapping[Cause, float]
    sent: int
    limit: float
    tiles: int
    ideal: float


def rows(profile: Profile) -> list[Row]:
    """A profile by kernel and engine."""
    groups: dict[tuple[str, str], list[ThreadTime]] = defaultdict(list)
    for item in profile.threads:
        groups[item.thread.name.rsplit("/", 1)[-1], item.thread.label].append(item)
    return [_row(profile, kernel, label, items) for (kernel, label), items in sorted(groups.items())]


def _row(profile: Profile, kernel: str, label: str, items: Sequence[ThreadTime]) -> Row:
    chip, whole = profile.chip, profile.cycles * len(items)
    sent, tiles = sum(item.sent for item in items), sum(item.tiles for item in items)
    limit = len(items) * min(chip.read_rate.value, chip.write_rate.value)
    if 2 * sum(item.sent_dram for item in items) > sent:
        limit = min(limit, len(profile.banks) * chip.dram_rate.value)
    spent = {cause: sum(item.spent[cause] for item in items) for cause in Cause}
    return Row(
        kernel=kernel,
        label=label,
        cores=len(items),
        spent={cause: cycles / whole if whole else 0.0 for cause, cycles in spent.items()},
        sent=sent,
        limit=limit,
        tiles=max(item.tiles for item in items),
        ideal=spent[Cause.COMPUTE] / tiles if items[0].thread.engine and tiles else 0.0,
    )


def make_profile(places: Places, launch: ObservedLaunch, captured: Captured, solution: Solution, chip: Chip) -> Profile:
    """Read a solution, which was solved with the constants of ``chip``."""
    threads = tuple(_thread_times(launch, captured, solution))
    cycles = solution.cycles + chip.start.value
    return Profile(
        chip=chip,
        name=", ".join(sorted({name.rsplit("/", 1)[-1] for name in {item.thread.name for item in threads}})),
        cycles=cycles,
        threads=threads,
        grid=places.grid,
        nodes=places.cores,
        banks=tuple(
            BankTime(node, float(row["busy"]), int(row["bytes"][0]), int(row["bytes"][1]))
            for (node, _), row in zip(places.banks, solution.banks, strict=True)
        ),
        links=solution.link_flits,
        dram_bytes=int(solution.moved_dram.sum()),
        events=captured.events,
        stored=captured.stored,
        not_modelled=_not_modelled(captured, cycles),
        notes=tuple(_notes(captured, solution)),
    )


def _thread_times(launch: ObservedLaunch, captured: Captured, solution: Solution) -> Iterator[ThreadTime]:
    """Of those that did anything."""
    hottest, cycles = _Hottest(launch, captured, solution), solution.cycles
    engines = np.array([bool(thread.engine) for thread in captured.threads])
    columns = (
        solution.finish, _spent(captured.threads, solution), solution.moved, solution.moved_dram,
        np.where(engines, solution.tiles, solution.pages),
    )  # fmt: skip
    did = np.flatnonzero(solution.count.sum(axis=1))
    rows = zip(did.tolist(), *(column[did].tolist() for column in columns), strict=True)
    for index, finish, spent, sent, sent_dram, tiles in rows:
        yield ThreadTime(
            thread=captured.threads[index],
            finish=finish or cycles,
            spent=dict(zip(_CAUSES, spent, strict=True)),
            sent=sent,
            sent_dram=sent_dram,
            tiles=tiles,
            hottest=hottest.of_thread(index, finish or cycles),
        )


def _spent(threads: Sequence[Thread], solution: Solution) -> npt.NDArray[np.float64]:
    """Cycles of every thread by :class:`Cause`."""
    found = np.zeros((len(threads), len(Cause)))
    labels = np.array([thread.engine for thread in threads])
    for engine in np.unique(labels):
        rows = labels == engine
        busy, waits = _shares(busy_with, str(engine)), _shares(waiting, str(engine))
        found[rows] = solution.busy[rows] @ busy + solution.waited[rows] @ waits
    return found


@cache
def _shares(cause_of: Callable[[Kind, str], Cause], engine: str) -> npt.NDArray[np.float64]:
    """Which cause a kind of action counts to."""
    causes = list(Cause)
    table = np.zeros((len(Kind), len(causes)))
    for kind in Kind:
        table[kind, causes.index(cause_of(kind, engine))] = 1.0
    return table


class _Hottest:
    """The line of every thread that takes it longest; lines of the same kernel are looked up once."""

    def __init__(self, launch: ObservedLaunch, captured: Captured, solution: Solution) -> None:
        self._launch, self._threads = launch, captured.threads
        sites = solution.sites[solution.sites["site"] != 0]
        took = sites["busy"] + sites["waited"]
        order = np.argsort(took, kind="stable")
        rows = zip(sites["thread"][order].tolist(), sites["site"][order].tolist(), took[order].tolist(), strict=True)
        self._longest = {thread: (site, cycles) for thread, site, cycles in rows}
        self._known: dict[tuple[int, int], SourceLocation | None] = {}

    def of_thread(self, index: int, whole: float) -> tuple[SourceLocation | None, float]:
        site, cycles = self._longest.get(index, (0, 0.0))
        if not whole or not cycles:
            return None, 0.0
        kernel = self._threads[index].kernel
        key = (self._launch.kernels[kernel].kernel, site)
        if key not in self._known:
            self._known[key] = location(self._launch.frames(kernel, site))
        return self._known[key], cycles / whole


def busy_with(kind: Kind, engine: str) -> Cause:
    """What an action's own cycles are."""
    if kind in _ISSUING:
        return Cause.ISSUE
    return Cause.COMPUTE if engine and kind in WORKING else Cause.OWN


def waiting(kind: Kind, engine: str) -> Cause:
    """What an action waits for; MATH's queues are its neighbours' registers; UNPACK and PACK also wait for pages."""
    cause = Cause.NETWORK if kind in _ISSUING else _WAITING.get(kind, Cause.OWN)
    return Cause.UNITS if engine == "MATH" and cause in (Cause.PAGES, Cause.SPACE) else cause


def location(frames: Sequence[Frame]) -> SourceLocation | None:
    """The innermost line of a kernel's own code."""
    for frame in frames:
        if frame.location is not None and not frame.location.file.startswith(_DEVICE_HEADERS):
            return frame.location
    return None


def _not_modelled(captured: Captured, cycles: float) -> tuple[NotModelled, ...]:
    engines = sum(thread.engine == "MATH" for thread in captured.threads)
    return tuple(
        NotModelled(function.name, function.calls, function.cycles / (cycles * engines))
        for function in captured.unmeasured
    )


def _notes(captured: Captured, solution: Solution) -> list[str]:
    found = []
    if not solution.complete:
        found.append("some processors wait for what the model never sees happen: their time is not whole")
    if not captured.complete:
        found.append("the launch has more events than are kept: the time is that of the first ones")
    if captured.polls:
        found.append(
            f"kernels gave way {captured.polls} times while they polled: the order of the functional run holds"
        )
    if captured.unsolved:
        found.append(
            f"{captured.unsolved} looks at the clock came late or often: they were told the cycles of the kernel's own "
            "work"
        )
    if captured.left_out:
        found.append(f"{captured.left_out} transfers go where the model has no node: left out")
    return found
