"""Where the buffers of a device lie, bank by bank, and which places were given back."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np
import numpy.typing as npt

from tthal.device_interface import Allocation, BufferSpec, DeviceProperties

EXTENT = np.dtype([("begin", "<u8"), ("end", "<u8"), ("place", "<u4"), ("live", "<u4")])
"""Extent of compiled/check.h: addresses, the DRAM channel or core, whether the buffer exists."""
_FREED = 256
"""How many deallocated buffers are remembered."""


class Extents:
    """The extents of all buffers, as compiled code wants them: sorted by place and begin, none overlapping."""

    def __init__(self, properties: DeviceProperties, channels: npt.NDArray[np.int32]) -> None:
        self._properties = properties
        self._channels = channels
        self._live: dict[int, Allocation] = {}
        self._freed: dict[int, Allocation] = {}
        self._touched: list[tuple[bool, int, int, int]] = []
        self._changed = True
        self._tables: tuple[npt.NDArray[np.void], npt.NDArray[np.void]] = (np.zeros(0, EXTENT), np.zeros(0, EXTENT))

    def add(self, allocation: Allocation) -> None:
        """A buffer was placed."""
        self._live[allocation.id] = allocation
        self._changed = True

    def remove(self, allocation: Allocation) -> None:
        """A buffer's place was given back."""
        if self._live.pop(allocation.id, None) is not None:
            self._freed[allocation.id] = allocation
            while len(self._freed) > _FREED:
                del self._freed[next(iter(self._freed))]
            self._changed = True

    def touch(self, is_l1: bool, index: int, address: int, size: int) -> None:
        """The host wrote or read memory itself: it is somebody's. ``index`` is a core or a DRAM bank."""
        place = index if is_l1 else int(self._channels[index])
        begin = address if is_l1 else address + self._properties.dram_banks[index].offset
        entry = (is_l1, place, begin, begin + size)
        if entry not in self._touched[-64:]:
            self._touched.append(entry)
            self._changed = True

    def addresses(self) -> frozenset[int]:
        """Return the addresses of the buffers, as kernels are given them."""
        return frozenset(item.address for known in (self._live, self._freed) for item in known.values())

    def tables(self) -> tuple[npt.NDArray[np.void], npt.NDArray[np.void]]:
        """Return the extents in DRAM and in L1."""
        if self._changed:
            self._tables = self._table(is_l1=False), self._table(is_l1=True)
            self._changed = False
        return self._tables

    def _table(self, is_l1: bool) -> npt.NDArray[np.void]:
        live = [piece for item in self._live.values() for piece in self._pieces(item, is_l1)]
        live += [(place, begin, end) for kind, place, begin, end in self._touched if kind is is_l1]
        freed = [piece for item in self._freed.values() for piece in self._pieces(item, is_l1)]
        rows = list(_joined(live, freed))
        table = np.zeros(len(rows), EXTENT)
        for column, name in enumerate(("place", "begin", "end", "live")):
            table[name] = [row[column] for row in rows]
        return table

    def _pieces(self, allocation: Allocation, is_l1: bool) -> Iterator[tuple[int, int, int]]:
        """Yield (place, begin, end) for every bank that holds some of a buffer."""
        spec = allocation.spec
        if spec.buffer_type.is_l1 is not is_l1 or spec.num_pages == 0:
            return
        properties = self._properties
        alignment = properties.alignments.l1_page if is_l1 else properties.alignments.dram_page
        stride = -(-spec.page_size // alignment) * alignment
        for bank, pages in _pages_by_bank(spec, properties):
            if is_l1:
                place, offset = bank, 0
            else:
                place, offset = int(self._channels[bank]), properties.dram_banks[bank].offset
            begin = allocation.address + offset
            yield place, begin, begin + pages * stride


def _pages_by_bank(spec: BufferSpec, properties: DeviceProperties) -> Iterator[tuple[int, int]]:
    """Yield every bank (for L1: the number of its core) that holds pages, and how many slots of it are the buffer's."""
    width = properties.compute_grid.x
    if spec.shards is not None:
        layout = spec.shards
        shards = prod(-(-size // part) for size, part in zip(layout.tensor_shape, layout.shard_shape, strict=True))
        slots = -(-shards // len(layout.cores)) * prod(layout.shard_shape)
        for core in layout.cores:
            yield (core.y * width + core.x if spec.buffer_type.is_l1 else core.x), slots
        return
    if spec.buffer_type.is_l1:
        banks = [core.y * width + core.x for core in properties.l1_banks]
    else:
        banks = list(range(len(properties.dram_banks)))
    for number, bank in enumerate(banks):
        pages = -(-(spec.num_pages - number) // len(banks))
        if pages > 0:
            yield bank, pages


def _joined(live: list[tuple[int, int, int]], freed: list[tuple[int, int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Yield pieces of both, sorted and apart; where they overlap, the live ones count."""
    whole: list[list[int]] = []
    for place, begin, end in sorted(live):
        if whole and whole[-1][0] == place and begin < whole[-1][2]:
            whole[-1][2] = max(whole[-1][2], end)
        else:
            whole.append([place, begin, end])
    rows = [(place, begin, end, 1) for place, begin, end in whole]
    for place, begin, end in freed:
        rows += [(place, low, high, 0) for low, high in _outside(whole, place, begin, end)]
    kept: list[tuple[int, int, int, int]] = []
    for row in sorted(rows):
        if kept and not row[3] and not kept[-1][3] and kept[-1][0] == row[0] and row[1] < kept[-1][2]:
            kept[-1] = (row[0], kept[-1][1], max(kept[-1][2], row[2]), 0)
        else:
            kept.append(row)
    yield from kept


def _outside(whole: list[list[int]], place: int, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a piece that none of the sorted live ones covers."""
    for other, low, high in whole:
        if other != place or high <= begin or low >= end:
            continue
        if low > begin:
            yield begin, low
        begin = max(begin, high)
        if begin >= end:
            return
    if begin < end:
        yield begin, end
