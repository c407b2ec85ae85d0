"""Races between command queues: one works on a buffer that another one may still be at."""

from __future__ import annotations

from dataclasses import dataclass

from tthal.device_interface import Allocation
from tthal.errors import LaunchError
from tthal.observer import ObservedLaunch

from .extents import Extents
from .findings import BY_ID

_RACE = BY_ID["TT-RACE-004"]


@dataclass(frozen=True, slots=True)
class _Use:
    """What a queue does with a buffer; of a program it is not known whether it writes."""

    what: str
    writes: bool
    is_program: bool

    def clashes_with(self, other: _Use) -> bool:
        """Whether the order of the two matters."""
        return self.writes or other.writes or self.is_program != other.is_program


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
        self._use(queue, allocation, _Use("writes" if is_write else "reads", is_write, False))

    def launch(self, launch: ObservedLaunch, extents: Extents) -> None:
        """A program runs whose arguments name buffers.

        Raises:
            LaunchError: another queue may still be at one of them.
        """
        words = {word for kernel in launch.state.kernels for _, given in kernel.per_core for word in given}
        words |= {word for kernel in launch.state.kernels for word in kernel.common}
        for allocation in extents.at(words):
            self._use(launch.queue, allocation, _Use("runs a program that is given", False, True))

    def _use(self, queue: int, allocation: Allocation, use: _Use) -> None:
        for other, pending in self._pending.items():
            before = pending.get(allocation.id)
            if other != queue and before is not None and before.clashes_with(use):
                place = f"the buffer at 0x{allocation.address:x}"
                what = (
                    f"queue {queue} {use.what} {place}, while queue {other}, which {before.what} it, was not waited for"
                )
                raise LaunchError(f"{_RACE.text}: {what} [{_RACE.id}]\n    Fix: {_RACE.fix}.")
        known = self._pending.setdefault(queue, {})
        if allocation.id not in known or use.writes or use.is_program:
            known[allocation.id] = use
