"""A launch's transfers as a workload for tt-npe (tenstorrent/tt-npe), which bounds what the NoCs take.

Fields as in tt-npe's tt_npe/workload/example_wl.json and cpp/src/ingestWorkload.cpp: one phase, each transfer with its
packets, both ends in physical coordinates of NoC 0, and the cycle at which its command was given.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tthal.errors import InvalidArgument

from .layouts import Kind
from .spans import Timeline


class NpeFile:
    """Holds one launch, the longest that it was given: tt-npe takes one workload at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._cycles = -1.0

    def add(self, timeline: Timeline) -> None:
        """Write a launch, unless a longer one was written.

        Raises:
            InvalidArgument: the file cannot be written.
        """
        cycles = timeline.profile.cycles
        if cycles <= self._cycles:
            return
        self._cycles = cycles
        try:
            with self._path.open("w", encoding="utf-8") as file:
                file.write(f'{{"golden_result":{{"cycles":{round(cycles)}}},"phases":[{{"transfers":[')
                for number, transfer in enumerate(transfers(timeline)):
                    file.write((",\n" if number else "\n") + json.dumps(transfer, separators=(",", ":")))
                file.write("\n]}]}\n")
        except OSError as error:
            raise InvalidArgument(f"--npe {self._path}: {error.strerror or error}") from error


def transfers(timeline: Timeline) -> Iterator[dict[str, Any]]:
    """In the order in which they arrived; increments of semaphores move no data and are left out."""
    width = timeline.profile.chip.grid[0]
    for spans in timeline.spans:
        names = spans.dtype.names or ()
        for row in spans[spans["is_transfer"] != 0].tolist():
            span = dict(zip(names, row, strict=True))
            kind = Kind(span["kind"])
            if kind is not Kind.ATOMIC:
                yield _transfer(timeline, span, kind, width)


def _transfer(timeline: Timeline, span: dict[str, Any], kind: Kind, width: int) -> dict[str, Any]:
    own = timeline.places.core(*timeline.threads[span["thread"]].core)
    source, target = (span["node"], own) if kind is Kind.READ else (own, span["node"])
    found: dict[str, Any] = {
        "packet_size": max(1, span["bytes"]),
        "num_packets": 1,
        "src_x": source % width,
        "src_y": source // width,
        "injection_rate": 0,
        "phase_cycle_offset": round(span["asked"]),
        "noc_type": f"NOC_{span['noc']}",
        "noc_event_type": "READ" if kind is Kind.READ else "WRITE",
    }
    if kind is Kind.MULTICAST:
        last = span["channel"]
        xs, ys = sorted((target % width, last % width)), sorted((target // width, last // width))
        return found | {
            "noc_event_type": "WRITE_MULTICAST",
            "mcast_start_x": xs[0], "mcast_start_y": ys[0], "mcast_end_x": xs[1], "mcast_end_y": ys[1],
        }  # fmt: skip
    return found | {"dst_x": target % width, "dst_y": target // width}
