"""Memory for large arrays that go to the caller: what the caller let go of is used again.

The pages of memory that is fresh from the operating system are cleared when they are first touched, which takes longer
than moving a tensor's values there.
"""

from __future__ import annotations

from math import prod
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
_Bytes = npt.NDArray[np.uint8]

LEAST = 1 << 20
"""Bytes of the smallest array that is worth it."""

MOST_KEPT = 1 << 28
"""Bytes that wait to be used again, at most."""


class WarmMemory:
    """Hands out arrays and takes their memory back when the last array over it is gone."""

    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        self._most_kept = most_kept
        self._waiting: list[_Bytes] = []
        self._lock = Lock()

    @property
    def kept(self) -> int:
        """Bytes that wait to be used again."""
        return sum(block.nbytes for block in tuple(self._waiting))

    def array(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
        """Return a contiguous, writable array that holds any values."""
        kind = np.dtype(dtype)
        size = prod(shape) * kind.itemsize
        if size < LEAST:
            return np.empty(shape, kind)
        return np.asarray(_Lease(self._block(size), self)).view(kind).reshape(shape)

    def take_back(self, block: _Bytes) -> None:
        """Keep a block that nobody sees any more; let go of the oldest ones if that makes too many."""
        # The collector may call this inside of any other call here: then the block is given up instead of waited for.
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._waiting.append(block)
            while self.kept > self._most_kept:
                self._waiting.pop(0)
        finally:
            self._lock.release()

    def _block(self, size: int) -> _Bytes:
        with self._lock:
            for index, block in enumerate(self._waiting):
                if block.nbytes == size:
                    return self._waiting.pop(index)
        return np.empty(size, np.uint8)


class _Lease:
    """What numpy's arrays over a block refer to as their base, so that it goes back when the last of them is gone."""

    __slots__ = ("__array_interface__", "_block", "_home")

    def __init__(self, block: _Bytes, home: WarmMemory) -> None:
        self._block, self._home = block, home
        self.__array_interface__ = block.__array_interface__

    def __del__(self) -> None:
        self._home.take_back(self._block)


warm_memory = WarmMemory()
