"""Actions of processors, by what kernels call; costs are the chip's constants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .constants import Chip
from .layouts import ACTION, NONE, Actions, Flag, Kind


class ActionList:
    """The actions of one processor or engine, in order.

    Args:
        chip: whose costs count.
    """

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self._rows: list[dict[str, Any]] = []

    def add(self, kind: Kind, cycles: float = 0.0, **fields: int) -> None:
        """Add any action; ``fields`` are those of :data:`ACTION`."""
        self._rows.append({"kind": kind, "cycles": cycles, **fields})

    def work(self, cycles: float) -> None:
        """The processor is busy with itself."""
        self.add(Kind.WORK, cycles)

    def read(self, node: int, size: int, *, stateful: bool = False, **fields: int) -> None:
        """Issue reads of ``size`` bytes each; what is longer than a packet is several."""
        issue = self._chip.read_issue_stateful if stateful else self._chip.read_issue
        self._unicast(Kind.READ, issue.value, node, size, fields)

    def write(self, node: int, size: int, *, stateful: bool = False, **fields: int) -> None:
        """Issue writes of ``size`` bytes each; what is longer than a packet is several."""
        issue = self._chip.write_issue_stateful if stateful else self._chip.write_issue
        self._unicast(Kind.WRITE, issue.value, node, size, fields)

    def _unicast(self, kind: Kind, cycles: float, node: int, size: int, fields: dict[str, int]) -> None:
        repeat = fields.pop("repeat", 1)
        for part, count in self._packets(size):
            self.add(kind, cycles, node=node, bytes=part, repeat=count * repeat, **fields)

    def multicast(
        self, first: int, last: int, size: int, count: int, *, linked: bool = False, loopback: bool = False
    ) -> None:
        """Issue a multicast to the ``count`` cores between two corners; what is longer than a packet is several."""
        for part, packets in self._packets(size):
            flags = (Flag.LINKED if linked else 0) | (Flag.LOOPBACK if loopback else 0)
            fields = {"node": first, "last": last, "bytes": part, "count": count, "flags": int(flags)}
            self.add(Kind.MULTICAST, self._chip.write_issue.value, repeat=packets, **fields)

    def barrier(self, *, reads: bool) -> None:
        """Wait for all reads, or for the answers to all writes."""
        chip = self._chip
        if reads:
            self.add(Kind.READ_BARRIER, chip.read_barrier.value)
        else:
            self.add(Kind.WRITE_BARRIER, chip.write_barrier.value)

    def _packets(self, size: int) -> Iterator[tuple[int, int]]:
        limit = int(self._chip.packet.value)
        whole, rest = divmod(size, limit)
        if whole:
            yield limit, whole
        if rest:
            yield rest, 1

    def array(self) -> Actions:
        """All of them, for the solver."""
        table = np.zeros(len(self._rows), ACTION)
        table["repeat"], table["channel"], table["effect"] = 1, NONE, NONE
        for row, values in zip(table, self._rows, strict=True):
            for name, value in values.items():
                row[name] = value
        return table
