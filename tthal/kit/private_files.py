"""Files that only this user can have written, since what is in them is executed or loaded.

On systems without POSIX permissions the checks pass; there a user's folders are private by default.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
# Opening a pipe would wait for somebody to write.
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_CLOSE = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Untrusted(OSError):
    """Somebody else may have written a file, or put it where it is."""


def require_own(path: Path | str, status: os.stat_result) -> None:
    """Check that a file or folder is this user's, writable by nobody else, and no link or device.

    Args:
        status: of the thing itself, not of what a link leads to.

    Raises:
        Untrusted: says which, and what to do.
    """
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise Untrusted(f"{path} is a link or no plain file (code would be loaded from it); remove it")
    if os.name != "posix":
        return
    if status.st_uid != os.getuid():
        raise Untrusted(f"{path} belongs to another user (code would be loaded from it)")
    if status.st_mode & _OTHERS_WRITE:
        raise Untrusted(f"{path} is writable by others (code would be loaded from it); chmod go-w it")


def require_private_folder(folder: Path) -> None:
    """Check a folder, if it exists, and that nobody can exchange one of the folders that it lies in.

    The folder may be reached over links; its real place is what counts.

    Raises:
        Untrusted: it is not private, or a folder above it is writable by everybody and not sticky.
        OSError: it cannot be looked at.
    """
    real = folder.resolve()
    for place in (real, *real.parents):
        try:
            status = place.lstat()
        except FileNotFoundError:
            continue
        if place == real:
            require_own(place, status)
        elif os.name == "posix" and status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
            raise Untrusted(f"{place}, above {folder}, is writable by everybody; chmod o-w it")


def read_own(path: Path) -> bytes:
    """Return a file's content after checking what was opened.

    Raises:
        Untrusted: it is not private, or a link.
        OSError: it cannot be read.
    """
    handle = os.open(path, os.O_RDONLY | _NO_FOLLOW | _NO_WAIT | _CLOSE)
    with open(handle, "rb") as file:
        require_own(path, os.fstat(handle))
        return file.read()


def write_durably(path: Path, content: bytes) -> None:
    """Write a new private file, and wait until the disk has it: a crash leaves no cut-off file under its final name.

    Raises:
        OSError: it exists, or cannot be written whole.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW | _CLOSE, 0o600)
    with open(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)


def settle(path: Path) -> None:
    """Take write permission on a finished file or folder from others, and wait until the disk has it.

    Raises:
        Untrusted: it is a link.
        OSError: it cannot be written.
    """
    is_folder = path.is_dir()
    if is_folder and os.name != "posix":
        return
    access = os.O_RDONLY if is_folder else os.O_RDWR
    handle = os.open(path, access | _NO_FOLLOW | _NO_WAIT | _CLOSE)
    try:
        status = os.fstat(handle)
        if os.name == "posix" and status.st_mode & _OTHERS_WRITE:
            os.fchmod(handle, stat.S_IMODE(status.st_mode) & ~_OTHERS_WRITE)
        require_own(path, os.fstat(handle))
        os.fsync(handle)
    finally:
        os.close(handle)
