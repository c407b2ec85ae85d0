"""Memory of the vector clocks by which races between cores are found (compiled/races.cpp)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tthal.observer import ObservedLaunch

CLOCK_TABLES = ("thread_of", "core_of_thread", "clocks", "buffer_clocks", "word_clocks", "blocks", "words")
"""Tables of compiled/check.h, in its order."""

_CIRCULAR_BUFFERS, _SLOTS, _WORDS, _BLOCKS, _BLOCK_BYTES = 64, 5, 1024, 1 << 16, 136
_NO_THREAD = 0xFFFF


class Clocks:
    """The clocks of one launch after the other; between launches everything is ordered."""

    def __init__(self) -> None:
        self._kept: dict[str, npt.NDArray[Any]] = {}

    def lay_out(self, launch: ObservedLaunch, state: np.void) -> None:
        """Make clocks for the kernels of a launch, all at the start."""
        kernels, cores = sorted(launch.kernels), int(state["core_count"])
        threads = len(kernels)
        thread_of = np.full(cores * _SLOTS, _NO_THREAD, np.uint16)
        thread_of[kernels] = np.arange(threads)
        # A kernel knows of no other: its own clock begins at 1.
        self._kept = {
            "thread_of": thread_of,
            "core_of_thread": np.array([kernel // _SLOTS for kernel in kernels], np.uint32),
            "clocks": np.eye(threads, dtype=np.uint32),
            "buffer_clocks": np.zeros((cores, _CIRCULAR_BUFFERS, 2, threads), np.uint32),
            "word_clocks": np.zeros((_WORDS, threads), np.uint32),
            "blocks": np.zeros(_BLOCKS * _BLOCK_BYTES, np.uint8),
            "words": np.zeros(_WORDS, np.uint32),
        }
        for name in CLOCK_TABLES:
            state[name] = self._kept[name].ctypes.data
        state["threads"], state["word_count"], state["races_off"] = threads, 0, 0
