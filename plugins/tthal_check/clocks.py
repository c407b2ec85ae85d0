"""Memory of the race checks (compiled/full/races.h): kernels' clocks, transfers under way, who touched which bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tthal.observer import SLOTS, ObservedLaunch

from .sparse import sparse
from .structures import FINDING, RACES

_CIRCULAR_BUFFERS, _WORDS, _FLIGHTS, _BLOCKS, _PARTS, _TOLD, _POLLS = 64, 16384, 1 << 16, 1 << 18, 3, 8, 8
_FLIGHT_BYTES, _HISTORY_BYTES = 24, 172
_NO_THREAD = 0xFFFF


class Clocks:
    """The clocks of one launch after the other; between launches everything is ordered.

    Tables are large and mostly untouched: made anew for each launch, they take memory only where they are written.
    """

    def __init__(self) -> None:
        self.races = np.zeros(1, RACES)
        self._kept: dict[str, npt.NDArray[Any]] = {}

    def lay_out(self, launch: ObservedLaunch, cores: int, block_bytes: int, reorders_multicasts: bool) -> None:
        """Make clocks for the kernels of a launch, all at the start."""
        kernels = sorted(launch.kernels)
        threads = len(kernels)
        thread_of = np.full(cores * SLOTS, _NO_THREAD, np.uint16)
        thread_of[kernels] = np.arange(threads)
        self._kept.clear()  # before others are made, so that no two sets take memory
        self._kept = {
            "thread_of": thread_of,
            "kernel_of": np.array(kernels, np.uint32),
            "clocks": np.eye(threads, dtype=np.uint32),  # a kernel knows of no other: its own clock begins at 1
            "buffer_clocks": sparse((cores, _CIRCULAR_BUFFERS, 2, threads), np.uint32),
            "buffer_histories": sparse((cores, _CIRCULAR_BUFFERS, 2, _HISTORY_BYTES), np.uint8),
            "buffer_rows": sparse((cores, _CIRCULAR_BUFFERS, 2, _TOLD, threads), np.uint32),
            "word_clocks": sparse((_WORDS + 1, threads), np.uint32),
            "word_histories": sparse((_WORDS, _HISTORY_BYTES), np.uint8),
            "word_rows": sparse((_WORDS, _TOLD, threads), np.uint32),
            "words": sparse((_WORDS,), np.uint64),
            "heard": np.zeros(threads, np.uint32),
            "heard_sites": np.zeros(threads, np.uint32),
            "heard_clocks": np.zeros((threads, threads), np.uint32),
            "polled": np.zeros((threads, _POLLS, 2), np.uint64),
            "set_addresses": np.zeros(threads, np.uint32),
            "chains": np.zeros((threads, _PARTS), np.uint32),
            "loaded": np.zeros(threads, np.uint64),
            "ends": np.zeros((threads, 2, 2), np.uint32),
            "doubts": np.zeros(threads, FINDING),
            "flights": sparse((_FLIGHTS * _FLIGHT_BYTES,), np.uint8),
            "index": sparse((2 * _BLOCKS,), np.uint32),
            "blocks": sparse((_BLOCKS * block_bytes,), np.uint8),
        }
        self.races[0] = 0
        for name, table in self._kept.items():
            self.races[0][name] = table.ctypes.data
        self.races[0]["threads"], self.races[0]["reorders_multicasts"] = threads, reorders_multicasts
