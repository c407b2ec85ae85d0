"""Actions of one launch: the last ones of every thread in memory, those before them in a file that nobody else sees."""

from __future__ import annotations

import tempfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np

from tthal.kit.cache import cache_folder

from .layouts import ACTION, Actions

RUN = 2048
"""Actions that go to the file together; compiled/capture.h begins with it when its memory is full."""
_LEVEL = 1


class EventFile:
    """Runs of actions, packed; made when the first comes, gone when nothing refers to it or the process ends.

    Kernels do the same again and again: byte by byte column of the table, a run packs to a fraction of itself.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._places: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self.size = 0

    def append(self, thread: int, run: memoryview) -> None:
        """Write a run of :data:`RUN` actions of a thread.

        Raises:
            OSError: the disk is full.
        """
        if self._file is None:
            folder = cache_folder("profiles")
            folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        columns = np.frombuffer(run, np.uint8).reshape(RUN, ACTION.itemsize).T
        packed = zlib.compress(columns.tobytes(), _LEVEL)
        self._file.seek(self.size)
        self._file.write(packed)
        self._places[thread].append((self.size, len(packed)))
        self.size += len(packed)

    def read(self, thread: int, number: int) -> Actions:
        """A run that was written."""
        if self._file is None:
            return np.zeros(0, ACTION)
        offset, size = self._places[thread][number]
        self._file.seek(offset)
        columns = np.frombuffer(zlib.decompress(self._file.read(size)), np.uint8).reshape(ACTION.itemsize, RUN)
        run: Actions = np.ascontiguousarray(columns.T).reshape(-1).view(ACTION)
        return run

    def of_thread(self, thread: int, tail: Actions) -> Actions | StoredActions:
        """All actions of a thread, whose last ones are ``tail``."""
        count = len(self._places.get(thread, ()))
        return StoredActions(self, thread, count, tail) if count else tail


@dataclass(frozen=True, slots=True)
class StoredActions:
    """See :class:`.solver.Runs`."""

    file: EventFile
    thread: int
    count: int
    tail: Actions

    def __len__(self) -> int:
        return self.count * RUN + len(self.tail)

    def runs(self) -> Iterator[Actions]:
        """In order, read one after the other."""
        for number in range(self.count):
            yield self.file.read(self.thread, number)
        yield self.tail
