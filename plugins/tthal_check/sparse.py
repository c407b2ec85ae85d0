"""Large tables of which little is used: memory is taken where they are written, page by page."""

from __future__ import annotations

import mmap
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt


def sparse(shape: tuple[int, ...], kind: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return zeros as a mapping of their own, in small pages.

    ``numpy.zeros`` asks the system for huge pages (numpy's release notes, 1.20), of which one word touched takes 2 MB.
    """
    size = max(1, prod(shape) * np.dtype(kind).itemsize)
    if hasattr(mmap, "MAP_ANONYMOUS"):
        unreserved = getattr(mmap, "MAP_NORESERVE", 0)  # of newer Pythons
        memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | unreserved)
    else:
        memory = mmap.mmap(-1, size)
    if hasattr(mmap, "MADV_NOHUGEPAGE"):
        memory.madvise(mmap.MADV_NOHUGEPAGE)
    return np.frombuffer(memory, kind, prod(shape)).reshape(shape)
