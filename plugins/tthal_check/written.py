"""Which bytes of L1 and DRAM anybody ever wrote: as long as the device lives, whatever launch it was."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tthal.device_interface import Allocation, DeviceProperties

from .extents import Extents
from .sparse import sparse

DRAM_GRAIN = 32
"""Bytes of DRAM for which one bit is kept: no transfer to or from it is smaller on every chip."""
_CHUNK, _CHUNK_CORES = 4096, 8
"""Bytes of L1 whose bits lie side by side, and for how many cores they share a page: most cores do the same."""


class Written:
    """Bits of compiled/full/accesses.cpp: a bit for each byte of L1, and for each 32 bytes of DRAM.

    Args:
        cores: how many there are.
        channels: the DRAM channel of every bank.
    """

    def __init__(self, properties: DeviceProperties, cores: int, channels: npt.NDArray[np.int32]) -> None:
        self._properties = properties
        self._channels = channels
        size = properties.dram_bank_size + max(bank.offset for bank in properties.dram_banks)
        groups, chunks = -(-cores // _CHUNK_CORES), -(-properties.l1_size // _CHUNK)
        self.l1 = sparse((groups, chunks, _CHUNK_CORES, _CHUNK // 8), np.uint8)
        self.dram = sparse((int(channels.max()) + 1, -(-size // (8 * DRAM_GRAIN))), np.uint8)

    def write(self, allocation: Allocation, extents: Extents) -> None:
        """The host wrote a buffer."""
        for place, begin, end in extents.pieces(allocation):
            self._mark(allocation.spec.buffer_type.is_l1, place, begin, end)

    def forget(self, allocation: Allocation, extents: Extents) -> None:
        """A buffer was made: on a card it holds what anybody left there."""
        for place, begin, end in extents.pieces(allocation):
            self._mark(allocation.spec.buffer_type.is_l1, place, begin, end, is_written=False)

    def write_raw(self, is_l1: bool, index: int, address: int, size: int) -> None:
        """The host wrote bytes of a core or of a DRAM bank."""
        place, begin = index, address
        if not is_l1:
            place, begin = int(self._channels[index]), address + self._properties.dram_banks[index].offset
        self._mark(is_l1, place, begin, begin + size)

    def _mark(self, is_l1: bool, place: int, begin: int, end: int, is_written: bool = True) -> None:
        """Set or clear the bits of what lies between two addresses."""
        if not is_l1:
            return _mark(self.dram[place], begin // DRAM_GRAIN, -(-end // DRAM_GRAIN), is_written)
        group, member = divmod(place, _CHUNK_CORES)
        for chunk in range(begin // _CHUNK, -(-end // _CHUNK)):
            base = chunk * _CHUNK
            first, last = max(begin - base, 0), min(end - base, _CHUNK)
            _mark(self.l1[group, chunk, member], first, last, is_written)


def _mark(row: npt.NDArray[np.uint8], first: int, last: int, is_written: bool) -> None:
    """Set or clear bits of a row from one up to another."""
    head, tail = 0xFF << first % 8 & 0xFF, (1 << last % 8) - 1
    if first // 8 == last // 8:
        return _set(row, first // 8, head & tail, is_written)
    _set(row, first // 8, head, is_written)
    row[first // 8 + 1 : last // 8] = 0xFF if is_written else 0
    if tail:
        _set(row, last // 8, tail, is_written)


def _set(row: npt.NDArray[np.uint8], byte: int, bits: int, is_written: bool) -> None:
    before = int(row[byte])
    row[byte] = before | bits if is_written else before & ~bits
