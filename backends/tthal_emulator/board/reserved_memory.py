"""Address space that is set apart for a large memory: only pages that were touched cost anything."""

from __future__ import annotations

import mmap
import sys

import numpy as np
from numpy.typing import NDArray

from tthal.errors import DeviceError

from .boards import GIB

_MAP_NORESERVE = {"linux": 0x4000}
"""Not in Python's mmap module before 3.13; the value is the same on x86-64, AArch64 and RISC-V."""

_LARGE_PAGES: int | None = getattr(mmap, "MADV_HUGEPAGE", None)

LEAST_LARGE = 4 << 20
"""Bytes of the smallest part that is worth large pages: two of them, where Linux has pages of 2 MB."""


class ReservedMemory:
    """Zeroed memory of a size, as one array of bytes.

    Raises:
        DeviceError: the system does not give so much address space.
    """

    __slots__ = ("_map", "bytes")

    def __init__(self, size: int) -> None:
        self._map: mmap.mmap | None = None
        try:
            if hasattr(mmap, "MAP_PRIVATE"):
                flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_NORESERVE.get(sys.platform, 0)
                self._map = mmap.mmap(-1, size, flags=flags)
                self.bytes: NDArray[np.uint8] = np.frombuffer(self._map, dtype=np.uint8)
            else:
                self.bytes = np.zeros(size, dtype=np.uint8)
        except (OSError, MemoryError, ValueError) as error:
            raise DeviceError(
                f"cannot reserve {size / GIB:.0f} GiB of address space for a DRAM channel: {error}; raise the limit "
                f"(ulimit -v) or allow overcommitting (vm.overcommit_memory)"
            ) from error

    def will_fill(self, start: int, size: int) -> None:
        """Say that a part will be written as a whole: a large one gets large pages, which are found faster.

        Buffers go round all banks, so that each of their pages asks for another address translation. Small ones keep
        small pages: clearing a large one costs more than the buffer is worth.
        """
        if self._map is None or _LARGE_PAGES is None or size < LEAST_LARGE:
            return
        begin = start - start % mmap.PAGESIZE
        try:
            self._map.madvise(_LARGE_PAGES, begin, start + size - begin)
        except OSError:
            self._map = None  # a kernel without them: no use asking again
