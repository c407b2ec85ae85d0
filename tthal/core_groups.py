"""Which cores of a program have the same kernels, circular buffers and semaphores: what pictures and tables show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tthal.circular_buffer import CircularBuffer
from tthal.coordinates import CoreCoord
from tthal.kernel import Kernel
from tthal.semaphore import Semaphore

Part = TypeVar("Part", Kernel, CircularBuffer, Semaphore)
_Parts = tuple[tuple[Kernel, ...], tuple[CircularBuffer, ...], tuple[Semaphore, ...]]


@dataclass(frozen=True, slots=True)
class CoreGroup:
    """Cores that are alike; ``cores`` are in the order row by row."""

    cores: tuple[CoreCoord, ...]
    kernels: tuple[Kernel, ...]
    circular_buffers: tuple[CircularBuffer, ...]
    semaphores: tuple[Semaphore, ...]

    def places(self) -> list[tuple[int, int]]:
        """Return (column, row) of every core."""
        return [(core.x, core.y) for core in self.cores]

    def lines(self) -> list[str]:
        """Say what is on each of the cores, a line for every part."""
        return [
            *(f"{kernel.slot.value}: {kernel.content.source_name}" for kernel in self.kernels),
            *(_circular_buffer_line(each) for each in self.circular_buffers),
            *(f"semaphore {each.id}, from {each.initial_value}" for each in self.semaphores),
        ]


def core_groups(
    kernels: Sequence[Kernel], circular_buffers: Sequence[CircularBuffer], semaphores: Sequence[Semaphore]
) -> list[CoreGroup]:
    """Return the groups, that with the most cores first."""
    covered = (part.cores for parts in (kernels, circular_buffers, semaphores) for part in parts)
    every = sorted(frozenset[CoreCoord]().union(*covered), key=_place)
    members: dict[_Parts, list[CoreCoord]] = {}
    for core in every:
        parts = _on(core, kernels), _on(core, circular_buffers), _on(core, semaphores)
        members.setdefault(parts, []).append(core)
    return sorted(
        (CoreGroup(tuple(cores), *parts) for parts, cores in members.items()), key=lambda each: -len(each.cores)
    )


def extent(cores: Iterable[CoreCoord]) -> tuple[int, int]:
    """Return columns and rows of the smallest grid from (0, 0) that has the cores."""
    listed = list(cores)
    return max((core.x for core in listed), default=-1) + 1, max((core.y for core in listed), default=-1) + 1


def _on(core: CoreCoord, parts: Sequence[Part]) -> tuple[Part, ...]:
    return tuple(part for part in parts if core in part.cores)


def _place(core: CoreCoord) -> tuple[int, int]:
    return core.y, core.x


def _circular_buffer_line(part: CircularBuffer) -> str:
    indices = ", ".join(str(index) for index in part.buffer_indices)
    return f"circular buffer {indices}: {part.config.total_size} B"
