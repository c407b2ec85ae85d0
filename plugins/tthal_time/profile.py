"""What the model says of one launch: when it was over, and what every processor did and waited for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from tthal.errors import Frame, SourceLocation
from tthal.observer import ObservedLaunch

from .capture import Captured, Thread
from .constants import Chip
from .constants.vector_unit import UNKNOWN
from .solver import Actions, Kind, Solution

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
}


@dataclass(frozen=True, slots=True)
class ThreadTime:
    """One processor or engine.

    Attributes:
        finish: cycles from the beginning of the launch.
        spent: cycles by cause; with the time after its end they add up to the launch's.
        sent: bytes that its commands moved.
        hottest: the line that took it longest, and the share of its time.
    """

    thread: Thread
    finish: float
    spent: Mapping[Cause, float]
    sent: int
    hottest: tuple[SourceLocation | None, float]

    @property
    def own(self) -> float:
        """Cycles that are not the fault of other processors."""
        return sum(cycles for cause, cycles in self.spent.items() if cause not in WAITS)


@dataclass(frozen=True, slots=True)
class Profile:
    """One launch.

    Attributes:
        chip: whose constants count.
        threads: those that did anything.
        dram_bytes: that its commands moved from and to DRAM.
        busiest_link: share of the launch in which the busiest link of both NoCs carried flits.
        notes: what the model leaves out of this launch.
    """

    chip: Chip
    name: str
    cycles: float
    threads: Sequence[ThreadTime]
    dram_banks: int
    dram_bytes: int
    busiest_link: float
    notes: Sequence[str]

    @property
    def nanoseconds(self) -> float:
        """From the first kernel's begin to the last one's end; without dispatch."""
        return self.cycles * 1e3 / self.chip.clock.value

    @property
    def dram_share(self) -> float:
        """DRAM traffic against what all banks together carry in that time."""
        limit = self.cycles * self.chip.dram_rate.value * self.dram_banks
        return self.dram_bytes / limit if limit else 0.0

    @property
    def critical(self) -> ThreadTime | None:
        """The thread that the others wait for: it spends the most time on its own account."""
        return max(self.threads, key=lambda item: item.own, default=None)


def make_profile(chip: Chip, launch: ObservedLaunch, captured: Captured, solution: Solution) -> Profile:
    """Read a solution."""
    threads = tuple(
        _thread_time(launch, captured, solution, index)
        for index, actions in enumerate(captured.workload.actions)
        if len(actions)
    )
    sent = sum(
        int((actions["bytes"].astype(np.int64) * actions["repeat"])[_is_dram(captured, actions)].sum())
        for actions in captured.workload.actions
    )
    links = solution.link_flits[:, :2]
    return Profile(
        chip=chip,
        name=", ".join(sorted({item.thread.name.rsplit("/", 1)[-1] for item in threads})),
        cycles=solution.cycles + chip.start.value,
        threads=threads,
        dram_banks=captured.workload.channels,
        dram_bytes=sent,
        busiest_link=float(links.max(initial=0.0)) / solution.cycles if solution.cycles else 0.0,
        notes=tuple(_notes(captured, solution)),
    )


def _is_dram(captured: Captured, actions: Actions) -> npt.NDArray[np.bool_]:
    return np.isin(actions["kind"], [Kind.READ, Kind.WRITE]) & (actions["channel"] < captured.workload.channels)


def _thread_time(launch: ObservedLaunch, captured: Captured, solution: Solution, index: int) -> ThreadTime:
    thread, actions, ends = captured.threads[index], captured.workload.actions[index], solution.ends[index]
    spent = dict.fromkeys(Cause, 0.0)
    busy, waited = solution.busy[index], solution.waited[index]
    for kind in Kind:
        spent[_busy_with(kind, thread)] += float(busy[kind])
        cause = Cause.NETWORK if kind in _ISSUING else _WAITING.get(kind, Cause.OWN)
        spent[_within_core(cause, thread)] += float(waited[kind])
    moves = np.isin(actions["kind"], list(_ISSUING))
    sent = int((actions["bytes"].astype(np.int64) * actions["repeat"])[moves].sum())
    return ThreadTime(thread, float(solution.finish[index]), spent, sent, _hottest(launch, thread, actions, ends))


def _busy_with(kind: Kind, thread: Thread) -> Cause:
    if kind in _ISSUING:
        return Cause.ISSUE
    return Cause.COMPUTE if thread.engine and kind is Kind.WORK else Cause.OWN


def _within_core(cause: Cause, thread: Thread) -> Cause:
    """MATH's queues are its neighbours' registers; UNPACK and PACK also wait for pages."""
    return Cause.UNITS if thread.engine == "MATH" and cause in (Cause.PAGES, Cause.SPACE) else cause


def _hottest(
    launch: ObservedLaunch,
    thread: Thread,
    actions: Actions,
    ends: npt.NDArray[np.float64],
) -> tuple[SourceLocation | None, float]:
    took = np.diff(ends, prepend=0.0)
    sites, places = np.unique(actions["site"], return_inverse=True)
    sums = np.bincount(places, took)
    sums[sites == 0] = 0.0
    top = int(np.argmax(sums))
    whole = float(ends[-1])
    if not whole or not sums[top]:
        return None, 0.0
    return _location(launch.frames(thread.kernel, int(sites[top]))), float(sums[top]) / whole


def _location(frames: Sequence[Frame]) -> SourceLocation | None:
    for frame in frames:
        if frame.location is not None and not frame.location.file.startswith(_DEVICE_HEADERS):
            return frame.location
    return None


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
    if captured.unmeasured:
        found.append(f"{captured.unmeasured} calls of the vector unit were never measured: {UNKNOWN:g} cycles each")
    if captured.left_out:
        found.append(f"{captured.left_out} transfers go where the model has no node: left out")
    return found
