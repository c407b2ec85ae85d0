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


@dataclass(frozen=True, slots=True)
class _Use:
    """What a queue does with a buffer."""

    what: str
    reads: bool
    writes: bool

    def clashes_with(self, other: _Use) -> bool:
        """Whether the order of the two matters."""
        return (self.writes and (other.reads or other.writes)) or (other.writes and (self.reads or self.writes))


class Queues:
    """What every queue was given since it was last waited for."""

    def __init__(self) -> None:
        self._pending: dict[int, dict[int, _Use]] = {}

    def finished(self, queue: int) -> None:
        """The host waited for a queue, or a later command of another queue does."""
        self._pending.pop(queue, None)

    def access(self, queue: int, allocation: Allocation, is_write: bool) -> None:
        """The host writes or reads a whole buffer.

        Raises:
            LaunchError: another queue may still be at it.
        """
        self._use(queue, allocation, _Use("writes" if is_write else "reads", not is_write, is_write))

    def launch(self, launch: ObservedLaunch, extents: Extents) -> None:
        """A program is to run whose arguments name buffers, which it is taken to read.

        Raises:
            LaunchError: another queue may still write one of them.
        """
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

    def _check(self, queue: int, allocation: Allocation, use: _Use) -> None:
        for other, pending in self._pending.items():
            before = pending.get(allocation.id)
            if other != queue and before is not None and before.clashes_with(use):
                place = f"the buffer at 0x{allocation.address:x}"
                what = (
                    f"queue {queue} {use.what} {place}, while queue {other}, which {before.what} it, was not waited for"
                )
                raise LaunchError(f"{_RACE.text}: {what} [{_RACE.id}]\n    Fix: {_RACE.fix}.")

    def _use(self, queue: int, allocation: Allocation, use: _Use) -> None:
        self._check(queue, allocation, use)
        known = self._pending.setdefault(queue, {})
        before = known.get(allocation.id, use)
        what = use.what if use.writes or not before.writes else before.what
        known[allocation.id] = _Use(what, use.reads or before.reads, use.writes or before.writes)


def _given(launch: ObservedLaunch, extents: Extents) -> list[Allocation]:
    """The buffers whose addresses a program's arguments have."""
    words = {word for kernel in launch.state.kernels for _, given in kernel.per_core for word in given}
    words |= {word for kernel in launch.state.kernels for word in kernel.common}
    return extents.at(words)
