"""Everything that happened in a solved launch: kept in memory, and in a file that nobody else sees when it is much."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np

from tthal.errors import SourceLocation
from tthal.kit.cache import cache_folder

from .layouts import SPAN, Spans
from .participants import Thread
from .places import Places
from .profile import Profile

_IN_MEMORY = 1 << 18
"""Spans, 56 bytes each."""


class SpanFile:
    """Takes spans as the solver finds them, and gives them again."""

    def __init__(self) -> None:
        self._recent: list[Spans] = []
        self._in_memory = 0
        self._file: IO[bytes] | None = None
        self.count = 0

    def add(self, spans: Spans) -> None:
        """Keep spans; the array may be gone afterwards.

        Raises:
            OSError: the disk is full.
        """
        self._recent.append(spans.copy())
        self._in_memory += len(spans)
        self.count += len(spans)
        if self._in_memory >= _IN_MEMORY:
            self._to_disk()

    def _to_disk(self) -> None:
        if self._file is None:
            folder = cache_folder("profiles")
            folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self._file.seek(0, 2)
        for spans in self._recent:
            self._file.write(spans.tobytes())
        self._recent, self._in_memory = [], 0

    def __iter__(self) -> Iterator[Spans]:
        """In the order in which they ended, many at a time."""
        if self._file is not None:
            self._file.seek(0)
            while part := self._file.read(_IN_MEMORY * SPAN.itemsize):
                yield np.frombuffer(part, SPAN)
        yield from self._recent


@dataclass(frozen=True, slots=True)
class Timeline:
    """A solved launch in full.

    Attributes:
        threads: whose numbers the spans hold.
        spans: actions and transfers, see :data:`.solver.SPAN`.
        lines: where a thread's places (thread, site) are in its source; only while the timeline is handed over.
        places: what lies at the nodes.
        zones: names of zones, by the hash that is the value of their spans.
    """

    profile: Profile
    threads: Sequence[Thread]
    spans: SpanFile
    lines: Mapping[tuple[int, int], SourceLocation | None]
    places: Places
    zones: Mapping[int, str]

    def zone_name(self, value: int) -> str:
        """What a span's zone is called; one whose name stands in no kernel's source by its hash."""
        return self.zones.get(value, f"zone {value:#x}")
