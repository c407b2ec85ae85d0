"""Who takes part in a launch: processors, the engines of compute processors, and the queues between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tthal.observer import COMPUTE_SLOT, SLOTS, ObservedLaunch
from tthal.types import MathFidelity

from .places import Places

ENGINES = ("UNPACK", "MATH", "PACK")
BUFFERS = 64
PHASES = {MathFidelity.LoFi: 1, MathFidelity.HiFi2: 2, MathFidelity.HiFi3: 3, MathFidelity.HiFi4: 4}


@dataclass(frozen=True, slots=True)
class Thread:
    """A processor, or an engine of the compute processor, that took part in a launch.

    Attributes:
        kernel: its index in records, which also finds its places.
        engine: "" for a processor that moves data.
    """

    kernel: int
    core: tuple[int, int]
    processor: str
    engine: str
    name: str

    @property
    def label(self) -> str:
        """What a report calls it on its core."""
        return self.engine or self.processor


@dataclass(frozen=True, slots=True)
class Participants:
    """The same for every launch of a program whose memory stays.

    Attributes:
        threads: in the order of the workload's actions.
        lists: where the actions of every thread are captured.
        nodes: of every thread.
        queues: capacity of every circular buffer in pages, then of every core's source registers and halves of DST.
        buffers: the cores that have a circular buffer, by its index.
        phases: of fidelity, per core.
    """

    threads: tuple[Thread, ...]
    lists: Sequence[int]
    nodes: Sequence[int]
    queues: npt.NDArray[np.int64]
    buffers: Mapping[int, Sequence[int]]
    phases: npt.NDArray[np.uint32]


def participants(launch: ObservedLaunch, places: Places) -> Participants:
    """Of a launch that begins."""
    cores = places.grid[0] * places.grid[1]
    lists: list[int] = []
    threads: list[Thread] = []
    for index, kernel in launch.kernels.items():
        for place, engine in enumerate(ENGINES if index % SLOTS == COMPUTE_SLOT else ("",)):
            core = (kernel.core.x, kernel.core.y)
            threads.append(Thread(index, core, kernel.processor, engine, kernel.name))
            lists.append(index + place)
    return Participants(
        threads=tuple(threads),
        lists=lists,
        nodes=[places.core(*thread.core) for thread in threads],
        queues=_capacities(launch, cores),
        buffers=_cores_by_buffer(launch),
        phases=_phases(launch, cores),
    )


def _phases(launch: ObservedLaunch, cores: int) -> npt.NDArray[np.uint32]:
    """Fidelity phases of the compute kernel of every core."""
    table = np.full(cores, PHASES[MathFidelity.HiFi4], np.uint32)
    for index, kernel in launch.kernels.items():
        compute = launch.image.kernels[kernel.kernel].compute
        if compute is not None:
            table[index // SLOTS] = PHASES[compute.math_fidelity]
    return table


def _cores_by_buffer(launch: ObservedLaunch) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for index, core in launch.cores.items():
        for buffer in core.circular_buffers:
            found[buffer.index].append(index)
    return dict(found)


def _capacities(launch: ObservedLaunch, cores: int) -> npt.NDArray[np.int64]:
    """Of every circular buffer in pages, then of every core's source registers and halves of DST."""
    table = np.ones(cores * (BUFFERS + 2), np.int64)
    for index, core in launch.cores.items():
        for buffer in core.circular_buffers:
            table[index * BUFFERS + buffer.index] = max(1, buffer.total_size // max(1, buffer.page_size))
    table[cores * BUFFERS :] = 2
    if any(kernel.compute is not None and kernel.compute.dst_full_sync_en for kernel in launch.image.kernels):
        table[cores * BUFFERS + 1 :: 2] = 1
    return table
