"""Where the buffers of a device lie, bank by bank, and which places were given back."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np
import numpy.typing as npt

from tthal.device_interface import Allocation, BufferSpec, DeviceProperties

EXTENT = np.dtype([("begin", "<u8"), ("end", "<u8"), ("place", "<u4"), ("live", "<u4")])
"""Extent of compiled/check.h: addresses, the DRAM channel or core, whether the buffer exists."""
INTERLEAVED = np.dtype([(name, "<u4") for name in ("in_dram", "address", "stride", "pages")])
"""Interleaved of compiled/check.h."""
Uses = tuple[tuple[npt.NDArray[np.void], npt.NDArray[np.uint8]], ...]
"""The extents in DRAM and in L1, and what a launch did with each of them: Use of compiled/check.h."""
_LIVE, _TOUCHED = 1, 2
"""Kinds of extents: of a buffer, or of memory that is somebody's otherwise: touched by the host, kept by a buffer."""
_FREED = 256
"""How many deallocated buffers are remembered."""


class Extents:
    """The extents of all buffers, as compiled code wants them: sorted by place and begin, none overlapping.

    Attributes:
        is_changed: whether anything came or went since :meth:`tables` was called.
    """

    def __init__(self, properties: DeviceProperties, channels: npt.NDArray[np.int32]) -> None:
        self._properties = properties
        self._channels = channels
        self._live: dict[int, Allocation] = {}
        self._freed: dict[int, Allocation] = {}
        self._made: dict[int, int] = {}
        self._touched: list[tuple[bool, int, int, int]] = []
        self.is_changed = True
        self._tables: tuple[npt.NDArray[np.void], npt.NDArray[np.void]] = (np.zeros(0, EXTENT), np.zeros(0, EXTENT))
        self._interleaved = np.zeros(0, INTERLEAVED)

    def add(self, allocation: Allocation, made: int) -> None:
        """A buffer was placed at a time of ``perf_counter_ns``."""
        self._live[allocation.id] = allocation
        self._made[allocation.id] = made
        self.is_changed = True

    def remove(self, allocation: Allocation) -> None:
        """A buffer's place was given back."""
        if self._live.pop(allocation.id, None) is not None:
            self._freed[allocation.id] = allocation
            while len(self._freed) > _FREED:
                oldest = next(iter(self._freed))
                del self._freed[oldest], self._made[oldest]
            self.is_changed = True

    def touch(self, is_l1: bool, index: int, address: int, size: int) -> None:
        """The host wrote or read memory itself: it is somebody's. ``index`` is a core or a DRAM bank."""
        place = index if is_l1 else int(self._channels[index])
        begin = address if is_l1 else address + self._properties.dram_banks[index].offset
        entry = (is_l1, place, begin, begin + size)
        if entry not in self._touched[-64:]:
            self._touched.append(entry)
            self.is_changed = True

    def addresses(self, *, is_l1: bool) -> frozenset[int]:
        """Return the addresses of the buffers in L1, or in DRAM, as kernels are given them."""
        known = (item for items in (self._live, self._freed) for item in items.values())
        return frozenset(item.address for item in known if item.spec.buffer_type.is_l1 is is_l1)

    def tables(self) -> tuple[npt.NDArray[np.void], npt.NDArray[np.void]]:
        """Return the extents in DRAM and in L1."""
        if self.is_changed:
            self._tables = self._table(is_l1=False), self._table(is_l1=True)
            self._interleaved = self._interleaved_table()
            self.is_changed = False
        return self._tables

    def interleaved(self) -> npt.NDArray[np.void]:
        """Return the interleaved buffers as address generators see them, as of :meth:`tables`."""
        return self._interleaved

    def replaced(self, written: int) -> dict[int, list[Allocation]]:
        """Return the buffers made after a time (of ``perf_counter_ns``) where a freed one lay before, by address."""
        older = [item for item in self._freed.values() if self._is_older(item, written)]
        known = {(item.address, item.spec.buffer_type.is_l1) for item in older}
        found: dict[int, list[Allocation]] = {}
        for item in self._live.values() if known else ():
            if (item.address, item.spec.buffer_type.is_l1) in known and not self._is_older(item, written):
                found.setdefault(item.address, []).append(item)
        return found

    def at(self, addresses: set[int]) -> list[Allocation]:
        """Return the buffers that begin at one of some addresses."""
        return [item for item in self._live.values() if item.address in addresses]

    def pieces(self, allocation: Allocation) -> Iterator[tuple[int, int, int]]:
        """Yield (place, begin, end) for every bank that holds some of a buffer."""
        return self._pieces(allocation, allocation.spec.buffer_type.is_l1)

    def uses(self, allocation: Allocation, uses: Uses) -> int:
        """Return all that was done with a buffer, given what was done with each extent."""
        table, used = uses[allocation.spec.buffer_type.is_l1]
        keys, found = table["place"].astype(np.uint64) << np.uint64(48) | table["begin"], 0
        for place, begin, _ in self.pieces(allocation):
            row = int(np.searchsorted(keys, np.uint64(place << 48 | begin), side="right")) - 1
            found |= int(used[row]) if row >= 0 else 0
        return found

    def _is_older(self, allocation: Allocation, written: int) -> bool:
        return self._made.get(allocation.id, written) < written

    def _interleaved_table(self) -> npt.NDArray[np.void]:
        rows = {}
        for item in self._live.values():
            spec, is_l1 = item.spec, item.spec.buffer_type.is_l1
            if spec.shards is None and spec.num_pages:
                rows[not is_l1, item.address] = (self._stride(spec), spec.num_pages)
            else:
                rows.pop((not is_l1, item.address), None)
        return np.array([(*key, *value) for key, value in sorted(rows.items())], INTERLEAVED)

    def _stride(self, spec: BufferSpec) -> int:
        alignments = self._properties.alignments
        alignment = alignments.l1_page if spec.buffer_type.is_l1 else alignments.dram_page
        return -(-spec.page_size // alignment) * alignment

    def _table(self, is_l1: bool) -> npt.NDArray[np.void]:
        live = [(*piece, _LIVE) for item in self._live.values() for piece in self._pieces(item, is_l1)]
        if is_l1:
            live += [(*piece, _TOUCHED) for item in self._live.values() for piece in self._reserved(item)]
        live += [(place, begin, end, _TOUCHED) for kind, place, begin, end in self._touched if kind is is_l1]
        freed = [piece for item in self._freed.values() for piece in self._pieces(item, is_l1)]
        rows = list(_joined(live, freed))
        table = np.zeros(len(rows), EXTENT)
        for column, name in enumerate(("place", "begin", "end", "live")):
            table[name] = [row[column] for row in rows]
        return table

    def _reserved(self, allocation: Allocation) -> Iterator[tuple[int, int, int]]:
        """Yield (core, begin, end) of what an interleaved buffer keeps from others in banks that have fewer pages.

        Every bank gives it the same addresses (host-api.md §4), so programs use the place of a page on whatever core.
        """
        spec = allocation.spec
        if not spec.buffer_type.is_l1 or spec.shards is not None or spec.num_pages == 0:
            return
        stride, used = self._stride(spec), dict(_pages_by_bank(spec, self._properties))
        end = allocation.address + max(used.values()) * stride
        width = self._properties.compute_grid.x
        for bank in (core.y * width + core.x for core in self._properties.l1_banks):
            begin = allocation.address + used.get(bank, 0) * stride
            if begin < end:
                yield bank, begin, end

    def _pieces(self, allocation: Allocation, is_l1: bool) -> Iterator[tuple[int, int, int]]:
        """Yield (place, begin, end) for every bank that holds some of a buffer."""
        spec = allocation.spec
        if spec.buffer_type.is_l1 is not is_l1 or spec.num_pages == 0:
            return
        properties = self._properties
        stride = self._stride(spec)
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


def _joined(
    live: list[tuple[int, int, int, int]], freed: list[tuple[int, int, int]]
) -> Iterator[tuple[int, int, int, int]]:
    """Yield pieces of both, sorted and apart; where they overlap, the live ones count."""
    whole: list[list[int]] = []
    for place, begin, end, kind in sorted(live):
        if whole and whole[-1][0] == place and begin < whole[-1][2]:
            whole[-1][2], whole[-1][3] = max(whole[-1][2], end), max(whole[-1][3], kind)
        else:
            whole.append([place, begin, end, kind])
    rows = [(place, begin, end, kind) for place, begin, end, kind in whole]
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
    for other, low, high, _ in whole:
        if other != place or high <= begin or low >= end:
            continue
        if low > begin:
            yield begin, low
        begin = max(begin, high)
        if begin >= end:
            return
    if begin < end:
        yield begin, end
