"""Which passes over which traces are under way in this process.

A program that opens its devices one after the other continues the pass it began; once the recording opens no such
device again, the next ``open`` begins a new pass, so a process may run a program many times against one trace.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from pathlib import Path

from tthal.errors import SelectionError, TraceFormatError
from tthal.trace.reader import Trace
from tthal_replay.session import Session

logger = logging.getLogger("tthal")

_lock = threading.Lock()
_sessions: dict[tuple[object, ...], Session] = {}


def session(argument: str, device_id: int, by_queue: bool) -> Session:
    """Return the pass that opening this device continues, or a new one."""
    path = Path(argument).expanduser()
    key = _identity(path, by_queue)
    with _lock:
        current = _sessions.get(key)
        if current is not None and not current.is_over(device_id):
            return current
        if current is not None:
            current.end()
        _sessions[key] = Session(Trace(path), by_queue)
        return _sessions[key]


def _identity(path: Path, by_queue: bool) -> tuple[object, ...]:
    try:
        status = os.stat(path)
    except OSError as error:
        raise SelectionError(
            f"cannot open the trace {str(path)!r}: {error.strerror}; the text behind 'replay:' is the path of a trace "
            "file, relative to the current folder"
        ) from error
    return (os.getpid(), status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, by_queue)


@atexit.register
def _report() -> None:
    for each in _sessions.values():
        try:
            each.report_unopened()
        except TraceFormatError as error:
            logger.warning("the rest of the trace cannot be read: %s", error)
        each.end()
    _sessions.clear()
