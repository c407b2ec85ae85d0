"""Memory of the race checks (compiled/full/races.h): kernels' clocks, transfers under way, who touched which bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tthal.observer import SLOTS, ObservedLaunch

from .cores import Cores
from .sparse import sparse
from .structures import FINDING, RACES

_WORDS, _FLIGHTS, _BLOCKS, _CHAINS, _POLLS = 16384, 1 << 16, 1 << 22, 4, 8
_FLIGHT_BYTES, _HISTORY_BYTES, _CLOCK_WORDS, _POOL = 28, 36, 3, 24 << 20
_NO_THREAD = 0xFFFF
_NUMBERS = int(RACES.fields["threads"][1]) if RACES.fields is not None else 0
"""Bytes of Races before its numbers."""


class Clocks:
    """The clocks of one launch after the other; between launches everything is ordered.

    Large tables, mostly untouched, take memory only where they are written. They stay for the launches that follow:
    what is left in them is no longer counted. Those of kernels and circular buffers are emptied for each launch.

    Args:
        block_bytes: of a Block of compiled/full/races.h.
        start: the compiled function that lets the clocks of a launch begin, by the address of Races.
    """

    def __init__(self, block_bytes: int, start: Callable[[int], None]) -> None:
        self.races = np.zeros(1, RACES)
        self._numbers = self.races.view(np.uint8)[_NUMBERS:]
        self._start = start
        self._large = _large_tables(block_bytes)
        self._point_at(self._large)
        self._kernels: list[int] = []
        self._places = 0
        self._fixed: dict[str, npt.NDArray[Any]] = {}
        self._renewed: dict[str, npt.NDArray[Any]] = {}

    def lay_out(self, launch: ObservedLaunch, cores: Cores, reorders_multicasts: bool) -> None:
        """Make clocks for the kernels of a launch, all at the start; its cores are laid out."""
        kernels, races = sorted(launch.kernels), self.races[0]
        if kernels != self._kernels or cores.places_count != self._places:
            self._make(kernels, cores)
        else:
            for table in self._renewed.values():
                table.fill(0)
        serial = int(races["serial"])  # flights of other launches have older ones
        self._numbers.fill(0)
        races["threads"], races["reorders_multicasts"] = len(kernels), reorders_multicasts
        races["buffer_places"] = cores.places_count
        races["serial"], races["pool_used"] = serial, _CLOCK_WORDS  # place 0 stands for none
        self._start(self.races.ctypes.data)

    def _make(self, kernels: list[int], cores: Cores) -> None:
        self._kernels, self._places, threads = kernels, cores.places_count, len(kernels)
        self._renewed = {}  # goes before others come
        thread_of = np.full(len(cores.cores) * SLOTS, _NO_THREAD, np.uint16)
        thread_of[kernels] = range(threads)
        self._fixed = {"thread_of": thread_of, "kernel_of": np.array(kernels, np.uint32)}
        self._renewed = {
            "clocks": _clocks(threads, threads),
            "lost": _clocks(1, threads),
            "buffer_histories": np.zeros((len(cores.cores), cores.places_count, 2, _HISTORY_BYTES), np.uint8),
            "snapshots": np.zeros(threads, np.uint32),
            "heard": np.zeros((threads, 3), np.uint32),
            "heard_clocks": _clocks(threads, threads),
            "polled": np.zeros((threads, _POLLS, 2), np.uint64),
            "set_addresses": np.zeros(threads, np.uint32),
            "chains": np.zeros((threads, _CHAINS), np.uint32),
            "loaded": np.zeros(threads, np.uint64),
            "ends": np.zeros((threads, 2, 2), np.uint32),
            "doubts": np.zeros((threads, FINDING.itemsize), np.uint8),
        }
        self._point_at(self._fixed | self._renewed)

    def _point_at(self, tables: Mapping[str, npt.NDArray[Any]]) -> None:
        for name, table in tables.items():
            self.races[0][name] = table.ctypes.data


def _large_tables(block_bytes: int) -> dict[str, npt.NDArray[Any]]:
    return {
        "word_index": sparse((2 * _WORDS,), np.uint16),
        "words": sparse((_WORDS,), np.uint64),
        "word_histories": sparse((_WORDS, _HISTORY_BYTES), np.uint8),
        "pool": sparse((_POOL,), np.uint32),
        "flights": sparse((_FLIGHTS * _FLIGHT_BYTES,), np.uint8),
        "index": sparse((2 * _BLOCKS,), np.uint32),
        "blocks": sparse((_BLOCKS * block_bytes,), np.uint8),
    }


def _clocks(count: int, threads: int) -> npt.NDArray[np.uint32]:
    """Clocks with room for all threads, which know of none."""
    return np.zeros((count, _CLOCK_WORDS + threads), np.uint32)
