"""Memory of the race checks (compiled/full/races.h): kernels' clocks, transfers under way, who touched which bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tthal.observer import SLOTS, ObservedLaunch

from .cores import Cores
from .sparse import sparse
from .structures import FINDING, RACES

_WORDS, _FLIGHTS, _BLOCKS, _PARTS, _POLLS = 16384, 1 << 16, 1 << 18, 3, 8
_FLIGHT_BYTES, _HISTORY_BYTES, _CLOCK_WORDS, _POOL = 24, 44, 3, 24 << 20
_NO_THREAD = 0xFFFF


class Clocks:
    """The clocks of one launch after the other; between launches everything is ordered.

    Large tables, mostly untouched, take memory only where they are written. They stay for the launches that follow:
    what is left in them is no longer counted.
    """

    def __init__(self) -> None:
        self.races = np.zeros(1, RACES)
        self._kept: dict[str, npt.NDArray[Any]] = {}

    def lay_out(self, launch: ObservedLaunch, cores: Cores, block_bytes: int, reorders_multicasts: bool) -> None:
        """Make clocks for the kernels of a launch, all at the start; its cores are laid out."""
        kernels = sorted(launch.kernels)
        threads = len(kernels)
        thread_of = np.full(len(cores.cores) * SLOTS, _NO_THREAD, np.uint16)
        thread_of[kernels] = np.arange(threads)
        serial = int(self.races[0]["serial"])  # flights of other launches have older ones
        self._kept |= {
            "thread_of": thread_of,
            "kernel_of": np.array(kernels, np.uint32),
            "clocks": _clocks_of_themselves(threads),
            "lost": _clocks(1, threads),
            "buffer_histories": sparse((len(cores.cores), cores.places_count, 2, _HISTORY_BYTES), np.uint8),
            "snapshots": np.zeros(threads, np.uint32),
            "heard": np.zeros(threads, np.uint32),
            "heard_sites": np.zeros(threads, np.uint32),
            "heard_clocks": _clocks(threads, threads),
            "polled": np.zeros((threads, _POLLS, 2), np.uint64),
            "set_addresses": np.zeros(threads, np.uint32),
            "chains": np.zeros((threads, _PARTS), np.uint32),
            "loaded": np.zeros(threads, np.uint64),
            "ends": np.zeros((threads, 2, 2), np.uint32),
            "doubts": np.zeros(threads, FINDING),
        }
        if "blocks" not in self._kept:
            self._kept |= _large_tables(block_bytes)
        self.races[0] = 0
        for name, table in self._kept.items():
            self.races[0][name] = table.ctypes.data
        self.races[0]["threads"], self.races[0]["reorders_multicasts"] = threads, reorders_multicasts
        self.races[0]["buffer_places"] = cores.places_count
        self.races[0]["serial"], self.races[0]["pool_used"] = serial, _CLOCK_WORDS  # place 0 stands for none


def _large_tables(block_bytes: int) -> dict[str, npt.NDArray[Any]]:
    return {
        "word_index": sparse((2 * _WORDS,), np.uint32),
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


def _clocks_of_themselves(threads: int) -> npt.NDArray[np.uint32]:
    """A clock for each: a kernel knows of no other, and its own time begins at 1."""
    clocks, every = _clocks(threads, threads), np.arange(threads)
    clocks[every, 1] = every | every + 1 << 16  # begin and end
    clocks[every, _CLOCK_WORDS + every] = 1
    return clocks
