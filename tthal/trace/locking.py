"""One writer per file: created exclusively, and locked for as long as its process records."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from tthal.errors import TraceError
from tthal.trace import container
from tthal.trace.codec import decode_header
from tthal.trace.schema import LIMITS, Header

HEADER_NAME = "journal/header.json"


def try_lock(file: io.FileIO) -> bool:
    """Lock a file for this process until it is closed or the process ends; False when another one holds it."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def is_locked(path: Path) -> bool:
    """Whether a process is writing the file right now."""
    with io.FileIO(path, "r") as file:
        return not try_lock(file)


def read_header(file: io.FileIO) -> Header | None:
    """Return the header that a recording starts with; None when the file does not start like one."""
    found = container.entry_at(file, 0)
    if found is None or found[0].name != HEADER_NAME or found[0].size > LIMITS.manifest:
        return None
    return decode_header(b"".join(container.expand(file, *found)))


def create(path: Path, overwrite: bool) -> io.FileIO:
    """Create a file that this process alone writes.

    Raises:
        TraceError: it exists (and may not be replaced), another process writes it, or its folder is not writable.
    """
    if overwrite and path.exists() and not is_locked(path):
        path.unlink()
    try:
        file = io.FileIO(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0), 0o666), "r+")
    except FileExistsError:
        raise TraceError(_why_taken(path)) from None
    except OSError as error:
        raise TraceError(
            f"cannot create the trace {path}: {error.strerror}; name a file in a writable folder"
        ) from error
    try_lock(file)
    return file


def _why_taken(path: Path) -> str:
    with io.FileIO(path, "r") as file:
        if not try_lock(file):
            header = read_header(file)
            owner = f"process {header.pid}" if header else "another process"
            return (
                f"{owner} is recording {path} right now, and two processes never write one trace; name another file, "
                "for instance with {pid} in its name, which becomes the process id"
            )
    return (
        f"{path} exists, and a recording replaces nothing by itself; remove it, name another file ({{pid}} in the name "
        "becomes the process id), or, from Python, record(path, overwrite=True)"
    )
