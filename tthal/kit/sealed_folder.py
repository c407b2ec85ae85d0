"""A folder of files with their digests beside them: ``sha256sum -c SHA256SUMS`` in it says whether it is sound."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

from tthal.kit.private_files import read_own, require_own, settle, write_durably

SUMS = "SHA256SUMS"

_checked: dict[Path, tuple[tuple[object, ...], ...]] = {}
_checked_lock = threading.Lock()


def seal(folder: Path) -> int:
    """Write the digests of a folder's files; return the sum of their sizes."""
    for path in folder.rglob("*"):
        settle(path)
    lines, size = [], 0
    for name, _ in _files(folder):
        content = (folder / name).read_bytes()
        lines.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        size += len(content)
    write_durably(folder / SUMS, "".join(lines).encode())
    return size


def is_sound(folder: Path) -> bool:
    """Whether a tree holds exactly the files that it was stored with; their content is read once per process.

    Raises:
        FileNotFoundError: there is no such tree.
        OSError: it is not private, or cannot be read.
    """
    require_own(folder, folder.lstat())
    signature = tuple(_signatures(folder))
    with _checked_lock:
        if _checked.get(folder) == signature:
            return True
    if not _matches(folder):
        return False
    with _checked_lock:
        _checked[folder] = signature
    return True


def _signatures(folder: Path) -> Iterator[tuple[object, ...]]:
    for name, status in _files(folder):
        yield name, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _matches(folder: Path) -> bool:
    try:
        lines = read_own(folder / SUMS).decode().splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        return False
    expected = {name: sum for sum, _, name in (line.partition("  ") for line in lines)}
    names = [name for name, _ in _files(folder)]
    if sorted(expected) != [name for name in names if name != SUMS]:
        return False
    return all(hashlib.sha256(read_own(folder / name)).hexdigest() == sum for name, sum in expected.items())


def _files(folder: Path) -> list[tuple[str, os.stat_result]]:
    """The files of a tree in the order of their names, with ``/``; folders and files that are links are refused.

    Entries are looked at hundreds of times while a kernel is built: strings, which cost less than paths.
    """
    return sorted(_below(str(folder), ""), key=lambda found: found[0])


def _below(folder: str, front: str) -> Iterator[tuple[str, os.stat_result]]:
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        status = os.lstat(path)
        require_own(path, status)
        if stat.S_ISDIR(status.st_mode):
            yield from _below(path, f"{front}{name}/")
        else:
            yield front + name, status
