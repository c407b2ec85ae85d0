"""Races between command queues: one works on a buffer that another one may still be at."""

from __future__ import annotations

from dataclasses import dataclass

from tthal.device_interface import Allocation
from tthal.errors import LaunchError
from tthal.observer import ObservedLaunch

from .extents import Extents, Uses
from .findings import BY_ID

_RACE = BY_ID["TT-RACE-004"]
_READ, _WRITTEN = 1, 2
"""Use of compiled/check.h."""


_EVENTS = 1024
"""How many events are remembered; one that was recorded before them stands for all that its queue was given."""
_HOST = None
_Order = dict[int, int]
"""By queue, how many of its commands come before something."""


@dataclass(frozen=True, slots=True)
class _Use:
    """What a queue does with a buffer."""

    what: str
    reads: bool
    writes: bool


@dataclass(slots=True)
class _Known:
    """What a queue did last with a buffer: the number of the command, and what it does."""

    read: tuple[int, str] | None = None
    write: tuple[int, str] | None = None


class Queues:
    """What every queue did with buffers, and what its commands come after.

    The commands of a queue are in order, so of all that it was given the last use of a buffer counts.
    """

    def __init__(self) -> None:
        self._given: _Order = {}
        self._after: dict[int | None, _Order] = {_HOST: {}}
        self._events: dict[int, _Order] = {}
        self._known: dict[int, dict[int, _Known]] = {}

    def finished(self, queue: int) -> None:
        """The host waited for all that a queue was given."""
        self._learn(_HOST, self._point(queue))
        # What the host waited for comes before whatever it gives to any queue from now on.
        self._known.pop(queue, None)

    def record(self, queue: int, event: int) -> None:
        """A queue was given an event."""
        self._events[event] = self._point(queue)
        if len(self._events) > _EVENTS:
            del self._events[next(iter(self._events))]

    def wait(self, waiting: int | None, queue: int, event: int) -> None:
        """A queue, or the host, waits for an event of a queue."""
        self._learn(waiting, self._events.get(event) or self._point(queue))

    def _point(self, queue: int) -> _Order:
        """What comes before the next command of a queue: what it was given, and what it and the host waited for."""
        point = _later(self._after[_HOST], self._after.get(queue, {}))
        return point | {queue: self._given.get(queue, 0)}

    def _learn(self, waiting: int | None, order: _Order) -> None:
        self._after[waiting] = _later(self._after.get(waiting, {}), order)

    def access(self, queue: int, allocation: Allocation, is_write: bool) -> None:
        """The host writes or reads a whole buffer.

        Raises:
            LaunchError: another queue may still be at it.
        """
        self._count(queue)
        self._use(queue, allocation, _Use("writes" if is_write else "reads", not is_write, is_write))

    def launch(self, launch: ObservedLaunch, extents: Extents) -> None:
        """A program is to run whose arguments name buffers, which it is taken to read.

        Raises:
            LaunchError: another queue may still write one of them.
        """
        self._count(launch.queue)
        for allocation in _given(launch, extents):
            self._check(launch.queue, allocation, _Use("runs a program that is given", True, False))

    def launched(self, launch: ObservedLaunch, extents: Extents, uses: Uses) -> LaunchError | None:
        """A program has run. Return what is wrong when another queue may still have been at what it used.

        Args:
            uses: what it did with each of the extents in DRAM and in L1; circular buffers that lie in one are left out.
        """
        for allocation in _given(launch, extents):
            used = extents.uses(allocation, uses)
            reads, writes = used & _READ, used & _WRITTEN
            what = "runs a program that " + ("writes" if writes else "reads")
            try:
                self._use(launch.queue, allocation, _Use(what, bool(reads), bool(writes)))
            except LaunchError as error:
                return error
        return None

    def _count(self, queue: int) -> None:
        self._given[queue] = self._given.get(queue, 0) + 1

    def _check(self, queue: int, allocation: Allocation, use: _Use) -> None:
        before = self._point(queue)
        for other, known in self._known.items():
            last = known.get(allocation.id)
            if other == queue or last is None:
                continue
            for done in (last.write, last.read if use.writes else None):
                if done is not None and done[0] > before.get(other, 0):
                    since = " since" if before.get(other) else ""
                    where = f"the buffer at 0x{allocation.address:x}"
                    what = (
                        f"queue {queue} {use.what} {where}, while queue {other}, which {done[1]} it, was not waited for"
                    )
                    raise LaunchError(f"{_RACE.text}: {what}{since} [{_RACE.id}]\n    Fix: {_RACE.fix}.")

    def _use(self, queue: int, allocation: Allocation, use: _Use) -> None:
        self._check(queue, allocation, use)
        known = self._known.setdefault(queue, {}).setdefault(allocation.id, _Known())
        done = self._given[queue], use.what
        if use.reads:
            known.read = done
        if use.writes:
            known.write = done


def _later(one: _Order, other: _Order) -> _Order:
    return {queue: max(one.get(queue, 0), other.get(queue, 0)) for queue in one.keys() | other.keys()}


def _given(launch: ObservedLaunch, extents: Extents) -> list[Allocation]:
    """The buffers whose addresses a program's arguments have."""
    words = {word for kernel in launch.state.kernels for _, given in kernel.per_core for word in given}
    words |= {word for kernel in launch.state.kernels for word in kernel.common}
    return extents.at(words)
