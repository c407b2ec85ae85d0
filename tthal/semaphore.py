"""Semaphores of a program (host-api.md §1.5)."""

from __future__ import annotations

from collections.abc import Iterable

from tthal.coordinates import CoreRangeSet
from tthal.device_interface import SemaphoreImage
from tthal.errors import InvalidArgument, LimitExceeded
from tthal.types import CoreType
from tthal.words import integer, member, word

SEMAPHORE_CORE_TYPES = (CoreType.WORKER, CoreType.TENSIX, CoreType.ETH, CoreType.ACTIVE_ETH, CoreType.IDLE_ETH)


class Semaphore:
    """A semaphore: the same id on every core of ``core_ranges``, set to ``initial_value`` at every launch."""

    __slots__ = ("core_ranges", "core_type", "cores", "id", "initial_value")

    def __init__(self, semaphore_id: int, core_ranges: CoreRangeSet, initial_value: int, core_type: CoreType) -> None:
        self.id = semaphore_id
        self.core_ranges = core_ranges
        self.cores = frozenset(core_ranges.cores())
        self.initial_value = initial_value
        self.core_type = core_type

    def image(self) -> SemaphoreImage:
        """Return what the backend needs."""
        return SemaphoreImage(self.id, self.core_ranges, self.initial_value, self.core_type)

    def __repr__(self) -> str:
        return f"<Semaphore {self.id} on {self.core_ranges} starts at {self.initial_value}>"


def place_semaphore(
    others: Iterable[Semaphore],
    core_ranges: CoreRangeSet,
    initial_value: int,
    core_type: CoreType,
    limit: int,
    semaphore_id: int | None = None,
) -> Semaphore:
    """Return a semaphore with the given id, or the smallest id free on every core.

    Raises:
        InvalidArgument: there is no core, the id is taken on one, or the value is no word.
        LimitExceeded: no id below ``limit`` is free on all cores.
    """
    if core_ranges.empty():
        raise InvalidArgument("a semaphore needs at least one core; the core ranges are empty")
    core_type = member(CoreType, core_type, "core_type")
    if core_type not in SEMAPHORE_CORE_TYPES:
        raise InvalidArgument(f"semaphores live on CoreType.WORKER or CoreType.ETH cores, not {core_type!r}")
    value = word(initial_value, "initial_value of a semaphore")
    taken = _taken_ids(others, core_ranges, core_type)
    if semaphore_id is None:
        semaphore_id = next((index for index in range(limit) if index not in taken), limit)
    semaphore_id = integer(semaphore_id, "semaphore id")
    if not 0 <= semaphore_id < limit:
        raise LimitExceeded(
            f"no semaphore id is left for {core_ranges}: each core has {limit}, 0 to {limit - 1}"
            f" (id {semaphore_id} was next or asked for). Reuse one, or use "
            "CreateProgram(limits=device.properties.limits)"
        )
    if semaphore_id in taken:
        raise InvalidArgument(f"semaphore id {semaphore_id} is already in use on core {taken[semaphore_id]}")
    return Semaphore(semaphore_id, core_ranges, value, core_type)


def _taken_ids(others: Iterable[Semaphore], core_ranges: CoreRangeSet, core_type: CoreType) -> dict[int, object]:
    cores = frozenset(core_ranges.cores())
    taken: dict[int, object] = {}
    for other in others:
        common = other.cores & cores if other.core_type == core_type else ()
        if common:
            taken[other.id] = min(common)
    return taken
