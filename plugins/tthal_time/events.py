"""Actions of one launch: the last ones of every thread in memory, those before them in a file that nobody else sees."""

from __future__ import annotations

import tempfile
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np

from tthal.kit.cache import cache_folder

from .layouts import ACTION, RUN, Actions

_LEVEL = 1


class EventFile:
    """Runs of actions, packed; made when the first comes, gone when nothing refers to it or the process ends.

    Kernels do the same again and again: byte by byte column of the table, a run packs to a fraction of itself.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._places: dict[tuple[int, int], tuple[int, int]] = {}
        self._lock = threading.Lock()  # whoever solves while a launch goes on reads in another thread
        self.size = 0

    def write(self, thread: int, number: int, run: Actions) -> None:
        """Write the n-th run of :data:`RUN` actions of a thread.

        Raises:
            OSError: the disk is full.
        """
        columns = run.view(np.uint8).reshape(RUN, ACTION.itemsize).T
        packed = zlib.compress(columns.tobytes(), _LEVEL)
        with self._lock:
            if self._file is None:
                folder = cache_folder("profiles")
                folder.mkdir(parents=True, exist_ok=True)
                self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
            self._file.seek(self.size)
            self._file.write(packed)
            self._places[thread, number] = self.size, len(packed)
            self.size += len(packed)

    def read(self, thread: int, number: int) -> Actions:
        """A run that was written.

        Raises:
            OSError: it was not, or cannot be read.
        """
        with self._lock:
            if self._file is None or (thread, number) not in self._places:
                raise OSError(f"run {number} of thread {thread} is not kept")
            offset, size = self._places[thread, number]
            self._file.seek(offset)
            packed = self._file.read(size)
        columns = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(ACTION.itemsize, RUN)
        run: Actions = np.ascontiguousarray(columns.T).reshape(-1).view(ACTION)
        return run


@dataclass(frozen=True, slots=True)
class StoredActions:
    """See :class:`.solving.Runs`: those before the last one, where they are still in memory, and else in the file."""

    file: EventFile
    thread: int
    whole: Sequence[Actions | None]
    tail: Actions

    def __len__(self) -> int:
        return len(self.whole) * RUN + len(self.tail)

    def runs(self) -> Iterator[Actions]:
        """In order, read one after the other."""
        for number, run in enumerate(self.whole):
            yield self.file.read(self.thread, number) if run is None else run
        yield self.tail
