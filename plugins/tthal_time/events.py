"""Actions of one launch: the last ones of every thread in memory, those before them in a file that nobody else sees."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np

from tthal.kit.cache import cache_folder

from .solver import ACTION, Actions

RUN = 2048
"""Actions that go to the file together; compiled/capture.cpp keeps as many of every thread."""
_VALUE = int(ACTION.fields["value"][1]) if ACTION.fields is not None else 0


class EventFile:
    """Made when the first run comes; gone when nothing refers to it any more, or the process ends."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._size = 0
        self._offsets: dict[int, list[int]] = defaultdict(list)

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self._size

    def append(self, thread: int, run: memoryview) -> None:
        """Write a run of :data:`RUN` actions of a thread.

        Raises:
            OSError: the disk is full.
        """
        if self._file is None:
            folder = cache_folder("profiles")
            folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self._file.seek(self._size)
        self._file.write(run)
        self._offsets[thread].append(self._size)
        self._size += len(run)

    def amend(self, thread: int, index: int, value: int) -> None:
        """Change the value of an action that was written."""
        if self._file is not None:
            self._file.seek(self._offsets[thread][index // RUN] + index % RUN * ACTION.itemsize + _VALUE)
            self._file.write(value.to_bytes(4, "little"))

    def of_thread(self, thread: int, tail: Actions) -> Actions | StoredActions:
        """All actions of a thread, whose last ones are ``tail``."""
        offsets = self._offsets.get(thread)
        if self._file is None or not offsets:
            return tail
        return StoredActions(self._file, tuple(offsets), tail)


@dataclass(frozen=True, slots=True)
class StoredActions:
    """See :class:`.solver.Runs`."""

    file: IO[bytes]
    offsets: Sequence[int]
    tail: Actions

    def __len__(self) -> int:
        return len(self.offsets) * RUN + len(self.tail)

    def runs(self) -> Iterator[Actions]:
        """In order, read one after the other."""
        for offset in self.offsets:
            self.file.seek(offset)
            yield np.frombuffer(self.file.read(RUN * ACTION.itemsize), ACTION)
        yield self.tail
