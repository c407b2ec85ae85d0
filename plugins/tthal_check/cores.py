"""What the compiled checks keep of every core of a launch: its circular buffers, semaphores and processors.

Memory is taken for what a launch has, and lies side by side for all cores: most programs have a few circular buffers
of 64, and their processors few transfers under way at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from tthal.device_interface import SemaphoreImage
from tthal.observer import SLOTS, ObservedCircularBuffer, ObservedCore, ObservedLaunch

from .sparse import sparse
from .structures import BUFFER, CORE, FINDING, SEMAPHORE_STRIDE, TRANSFER_BYTES

_INDICES, _SEMAPHORES = 64, 16
_LINE = 64
"""Bytes of a line of a cache, at which structures begin."""
_TRANSFERS = 1 << 22
"""Places for transfers under way, of all processors together: each takes more when it has more."""
_PROCESSORS = int(CORE.fields["processors"][1]) if CORE.fields is not None else 0
"""Bytes of a core before its processors."""
_Configure = Callable[[int, int, int, int, int, bool], None]


class Cores:
    """Core of compiled/check.h, and the tables that it leads to.

    Args:
        count: how many cores there are, whether a launch uses them or not.
        configure: the compiled function that sets a circular buffer of a core up: by the core's address, the buffer's
            index, address, sizes in all and of a page, and whether it is exempt.
    """

    def __init__(self, count: int, configure: _Configure) -> None:
        self.cores = _aligned((count,), CORE)
        self.transfers = sparse((_TRANSFERS, TRANSFER_BYTES), np.uint8)
        self.places = np.zeros(_INDICES, np.uint8)
        """Where in a core's tables a circular buffer stands; 0 for those that no core of the launch has."""
        self.places_count = 0
        self.layouts_differ = self.has_buffers = False
        self._configure = configure
        self._laid_out: Mapping[int, ObservedCore] | None = None
        self._buffers: npt.NDArray[np.void] = np.zeros((0, 0), BUFFER)
        self._renewed: list[tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]] = []
        """What is as it was made when a launch begins, by core, and how that was."""

    def lay_out(self, launch: ObservedLaunch) -> None:
        """Make all as it is when a launch begins."""
        if launch.cores is not self._laid_out:  # the same for every launch of a program whose memory stays
            self._make(launch)
            self._laid_out = launch.cores
            return
        used = slice(min(launch.cores, default=0), max(launch.cores, default=-1) + 1)  # nothing is noted of others
        for table, begun in self._renewed:
            table[used] = begun[used]
        _bytes_of(self.cores)[used, _PROCESSORS:] = 0

    def _make(self, launch: ObservedLaunch) -> None:
        indices = sorted({buffer.index for core in launch.cores.values() for buffer in core.circular_buffers})
        self.places[:] = 0
        self.places[indices] = range(1, len(indices) + 1)
        self.places_count = 1 + len(indices)
        shape = len(self.cores), self.places_count
        buffers, early = _aligned(shape, BUFFER), _aligned(shape, FINDING)
        self._buffers = buffers
        _bytes_of(self.cores).fill(0)
        for name, table in ("buffers", buffers), ("early", early):
            self.cores[name]["kept"] = table.ctypes.data + np.arange(len(table)) * table.strides[0]
            self.cores[name]["places"] = self.places.ctypes.data
        self._make_idle_cores(launch)
        for index, core in launch.cores.items():
            kernels = sum(1 for kernel in launch.kernels if kernel // SLOTS == index)
            self._make_core(self.cores[index : index + 1], core, kernels, launch.image.semaphores)
        layouts = {tuple((cb.index, cb.address) for cb in core.circular_buffers) for core in launch.cores.values()}
        self.layouts_differ, self.has_buffers = len(layouts) > 1, bool(indices)
        renewed = _bytes_of(self.cores)[:, :_PROCESSORS], _bytes_of(buffers), _bytes_of(early)
        self._renewed = [(table, table.copy()) for table in renewed]

    def _make_idle_cores(self, launch: ObservedLaunch) -> None:
        """Note what the program has where no kernel runs: its circular buffers lie as on the cores that run some."""
        for first in islice(launch.cores.values(), 1):
            base, count = first.semaphores
            self.cores["semaphores"], self.cores["semaphores_end"] = base, base + count * SEMAPHORE_STRIDE
        busy = {kernel.core for kernel in launch.kernels.values()}
        placed = {core.core: core.circular_buffers for core in launch.cores.values()}
        for image in launch.image.circular_buffers:
            cores, indices = list(image.core_ranges.cores()), {entry.index for entry in image.formats}
            like = next((placed[core] for core in cores if core in busy), ())
            for core in cores:
                if core not in busy:
                    self._make_idle_core(core.y * launch.properties.compute_grid.x + core.x, like, indices)

    def _make_idle_core(self, index: int, like: Sequence[ObservedCircularBuffer], indices: set[int]) -> None:
        row = self.cores[index : index + 1]
        row["is_partly_known"] |= not like
        for buffer in like:
            if buffer.index in indices:
                self._configure_buffer(row, buffer)

    def _make_core(
        self, row: npt.NDArray[Any], core: ObservedCore, kernels: int, semaphores: Sequence[SemaphoreImage]
    ) -> None:
        base, count = core.semaphores
        row["present"], row["semaphores"] = kernels, base
        row["semaphores_end"] = base + count * SEMAPHORE_STRIDE
        row["arguments"], row["arguments_end"] = core.arguments
        for semaphore in semaphores:
            if semaphore.id < _SEMAPHORES and core.core in semaphore.core_ranges:
                row["semaphore_values"][0, semaphore.id] = semaphore.initial_value
                row["semaphore_ids"] |= 1 << semaphore.id
        for buffer in core.circular_buffers:
            self._configure_buffer(row, buffer)

    def _configure_buffer(self, row: npt.NDArray[Any], buffer: ObservedCircularBuffer) -> None:
        sizes = buffer.total_size, buffer.page_size
        self._configure(row.ctypes.data, buffer.index, buffer.address, *sizes, buffer.in_buffer)

    def buffers(self, core: int) -> npt.NDArray[np.void]:
        """Return what is known of a core's circular buffers, by index."""
        return np.asarray(self._buffers[core][self.places])

    def dst_address(self, kernel: int) -> int:
        """Return where a kernel, by its index, keeps DST; 0 if it never told."""
        return int(self.cores["processors"][kernel // SLOTS, kernel % SLOTS]["dst_address"])


def _bytes_of(table: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """A table as bytes, a row for each core: records are copied field by field."""
    return table.view(np.uint8).reshape(len(table), -1)


def _aligned(shape: tuple[int, ...], kind: np.dtype[Any]) -> npt.NDArray[Any]:
    """Zeros that begin with a line of a cache."""
    size = prod(shape) * kind.itemsize
    room = np.zeros(size + _LINE, np.uint8)
    return room[-room.ctypes.data % _LINE :][:size].view(kind).reshape(shape)
