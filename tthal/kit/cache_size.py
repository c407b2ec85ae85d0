"""How large a cache may become, and when to look."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from tthal.errors import BackendUnavailable

LIMIT_VARIABLE = "TTHAL_CACHE_LIMIT"
DEFAULT_LIMIT = 2 << 30
SMALLEST_LIMIT = 64 << 20
"""With less, what one program needs would push itself out."""
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_GROWTH = "growth"
_STEP = 16
"""A cache is looked at whenever a 16th of its limit was stored, and then brought to 14 of them."""
_UNIT = 4096


def limit() -> int:
    """The most bytes that one cache may take; 0: no limit.

    Raises:
        BackendUnavailable: ``TTHAL_CACHE_LIMIT`` is no size.
    """
    text = os.environ.get(LIMIT_VARIABLE, "").strip()
    if not text:
        return DEFAULT_LIMIT
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", text, re.IGNORECASE)
    size = int(float(found[1]) * _UNITS[found[2].upper()]) if found else -1
    if size != 0 and size < SMALLEST_LIMIT:
        raise BackendUnavailable(
            f"{LIMIT_VARIABLE}={text!r} is no size from {SMALLEST_LIMIT >> 20}M; write a number of bytes, or 500M, or "
            "2G; 0 is no limit"
        )
    return size


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry on disk: its place, when it was last used, its size in bytes."""

    path: Path
    used: float
    size: int


def size_of(path: Path) -> int:
    """The bytes of a file, or of all files below a folder; links count as what they are."""
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size
    return sum(each.lstat().st_size for each in path.rglob("*") if each.is_symlink() or not each.is_dir())


class Growth:
    """How much all processes stored since a cache was last looked at.

    It is the length of a file that they append to, which needs no lock: one byte stands for 4 KiB.

    Attributes:
        most: bytes that the cache may take; 0: no limit.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self._file = folder / _GROWTH
        self.most = most

    def add(self, size: int) -> None:
        """Note that an entry was stored.

        Raises:
            OSError: it cannot be noted.
        """
        handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            os.write(handle, b"." * -(-size // _UNIT))
        finally:
            os.close(handle)

    def is_due(self) -> bool:
        """Whether the cache should be looked at: it grew, or nobody ever did."""
        if not self.most or not self._file.parent.is_dir():
            return False
        try:
            return self._file.lstat().st_size * _UNIT > self.most // _STEP
        except FileNotFoundError:
            return True

    def reset(self) -> None:
        """Note that the cache is being looked at.

        Raises:
            OSError: it cannot be noted.
        """
        flags = os.O_WRONLY | os.O_TRUNC | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        os.close(os.open(self._file, flags, 0o600))

    @property
    def target(self) -> int:
        """The size that a cache is brought to."""
        return self.most // _STEP * (_STEP - 2)
