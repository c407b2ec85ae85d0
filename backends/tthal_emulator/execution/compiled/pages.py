"""Moves the pages of large interleaved buffers in compiled code, on several processors at once."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tthal_emulator.compiler.tools import usable_cpus
from tthal_emulator.engine.libwasmtime import wasmtime_library

Bytes = NDArray[np.uint8]

UNIT = 16
"""Everything is a multiple of so many bytes, the vectors that move them."""

LEAST = 1 << 16
"""Smaller buffers move as fast without."""

LEAST_IN_ORDER = 1 << 21
"""The same for hosts whose pages lie one after the other."""

SHARED = 1 << 22
"""Bytes that are worth a further thread."""

MOST_THREADS = 4


class PageMover:
    """Moves whole buffers; ``part`` is the compiled part."""

    def __init__(self, part: Any) -> None:
        self._move = part.tthal_move_pages
        self._ffi = wasmtime_library().ffi
        self._cpus = usable_cpus()

    def __call__(self, host: Bytes, banks: Iterable[Bytes], slot_step: int, page_size: int, *, to_device: bool) -> bool:
        """Move a buffer if it is one that this can move; return whether it did.

        Args:
            host: its bytes in host page order, of any shape and strides.
            banks: the banks from the buffer's address on, in order.
            slot_step: bytes from one page of a bank to the next.
            page_size: bytes of a page.
            to_device: whether they go from the host to the banks.
        """
        if host.size < (LEAST_IN_ORDER if host.flags.c_contiguous else LEAST):
            return False
        axes = _page_axes(host, page_size)
        if axes is None:
            return False
        pages, inside = axes
        across, column_step = pages[-1]
        rows = prod(count for count, _ in pages[:-1])
        starts = [bank.ctypes.data for bank in banks]
        steps = [*(step for _, step in (*pages, *inside)), slot_step, host.ctypes.data, inside[-1][0], *starts]
        if any(step % UNIT for step in steps if step != 1):
            return False
        job = self._ffi.new("tthal_pages*")
        lent = self._ffi.new("uint8_t*[]", [self._ffi.cast("uint8_t*", start) for start in starts])
        job.host, job.banks = self._ffi.cast("uint8_t*", host.ctypes.data), lent
        job.bank_count, job.slot_step = len(starts), slot_step
        job.across, job.column_step = across, column_step
        job.row_step = pages[0][1] if len(pages) > 1 else 0
        job.count = [1] * (4 - len(inside)) + [count for count, _ in inside[:-1]]
        job.step = [0] * (4 - len(inside)) + [step for _, step in inside[:-1]]
        job.run, job.to_device = inside[-1][0], to_device
        self._share(job, rows, across, host.size)
        return True

    def _share(self, job: Any, rows: int, across: int, size: int) -> None:
        """Move all pages, whole rows of them on every thread."""
        if rows == 1:
            rows, across = across, 1
        threads = max(1, min(self._cpus, MOST_THREADS, rows, size // SHARED))
        jobs = []
        for thread in range(threads):
            mine = self._ffi.new("tthal_pages*", job[0])
            mine.first, mine.last = rows * thread // threads * across, rows * (thread + 1) // threads * across
            jobs.append(mine)
        if threads == 1:
            self._move(jobs[0])
            return
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(self._move, jobs))


Axes = list[tuple[int, int]]


def _page_axes(host: Bytes, page_size: int) -> tuple[Axes, Axes] | None:
    """Split an array's axes, as (length, stride), into those of pages and those inside a page; None if that fails.

    There are at most two of pages and four inside, the last of which is contiguous.
    """
    if host.flags.c_contiguous:
        return [(host.size // page_size, page_size)], [(page_size, 1)]
    at, size = host.ndim, 1
    while at > 0 and size < page_size:
        at -= 1
        size *= host.shape[at]
    axes = list(zip(host.shape, host.strides, strict=True))
    pages, inside = _joined(axes[:at]), _joined(axes[at:])
    if size != page_size or len(pages) > 2 or not 1 <= len(inside) <= 4 or inside[-1][1] != 1:
        return None
    return pages or [(1, 0)], inside


def _joined(axes: Axes) -> Axes:
    """Return axes without those of length 1, and with those joined that follow each other without a gap."""
    joined: Axes = []
    for count, step in axes:
        if count == 1:
            continue
        if joined and joined[-1][1] == count * step:
            joined[-1] = (joined[-1][0] * count, step)
        else:
            joined.append((count, step))
    return joined
