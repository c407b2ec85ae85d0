"""Where calls are being recorded to: ``with record(...)``, or the file that ``TTHAL_RECORD`` names.

A :class:`Recording` is what the recorder plugin writes to; it knows when no device is open any more and then makes the
file complete, so that it can be read while the process goes on.
"""

from __future__ import annotations

import atexit
import logging
import os
import platform
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeVar

from tthal._version import __version__
from tthal.device_interface import INTERFACE_VERSION, DeviceProperties
from tthal.errors import TraceError
from tthal.trace.schema import CallBase, Header
from tthal.trace.writer import TraceWriter

__all__ = ["record"]

RECORD_VARIABLE = "TTHAL_RECORD"
logger = logging.getLogger("tthal")
C = TypeVar("C", bound=CallBase)

# Sealing reads the whole journal, so it is repeated only while it is cheap or the file has grown by half.
_CHEAP_ENTRIES = 20_000


class Recording:
    """One trace file in the making. Once it has ended, everything sent to it is dropped.

    Attributes:
        path: the file; ``{pid}`` in the name given has become the process id.
    """

    def __init__(self, path: str | Path, *, overwrite: bool = False) -> None:
        self.path = Path(str(path).replace("{pid}", str(os.getpid())))
        self._lock = threading.RLock()
        self._writer = TraceWriter(self.path, describe_process(), overwrite=overwrite)
        self._ended = False
        self._opened = 0
        self._open: set[int] = set()
        self._sealed_entries = 0

    @property
    def ended(self) -> bool:
        """Whether nothing is recorded any more."""
        return self._ended

    @property
    def calls(self) -> int:
        """The number of calls recorded."""
        return self._writer.calls

    def new_device(self) -> int:
        """Return the number of a device about to be opened."""
        with self._lock:
            self._opened += 1
            return self._opened

    def data(self, data: bytes | memoryview) -> str:
        """Store buffer contents; return their digest."""
        return "" if self._ended else self._writer.data(data)

    def document(self, data: bytes) -> str:
        """Store text; return its digest."""
        return "" if self._ended else self._writer.document(data)

    def append(self, call: C, properties: DeviceProperties | None = None) -> C:
        """Write a call; when this returns the file holds it."""
        return call if self._ended else self._writer.append(call, properties)

    def device_opened(self, device: int) -> None:
        """Note that a device is open."""
        with self._lock:
            self._open.add(device)

    def device_closed(self, device: int) -> None:
        """Note that a device is closed; the last one completes the file."""
        with self._lock:
            self._open.discard(device)
            if not self._open and not self._ended and self._sealing_pays():
                self._sealed_entries = self._writer.entries
                self._writer.seal()

    def _sealing_pays(self) -> bool:
        entries = self._writer.entries
        return entries < _CHEAP_ENTRIES or entries > 1.5 * self._sealed_entries

    def end(self) -> None:
        """Complete and close the file; what devices do afterwards is not recorded."""
        with self._lock:
            if self._ended:
                return
            self._ended = True
            self._writer.close()
            if not self._writer.calls:
                logger.warning(
                    "%s holds no call: open the device while recording, with the recorder plugin in force", self.path
                )


def describe_process() -> Header:
    """Return what a trace says about the process that records it; no paths."""
    return Header(
        tthal=__version__,
        interface_version=INTERFACE_VERSION,
        python=platform.python_version(),
        platform=f"{sys.platform}-{platform.machine()}",
        program=os.path.basename(sys.argv[0]) if sys.argv else "",
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        pid=os.getpid(),
    )


class _Current:
    """Which recording is in force in this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.block: Recording | None = None
        self.variable: dict[str, Recording] = {}
        self.pid = os.getpid()


_current = _Current()


@contextmanager
def record(path: str | Path, *, overwrite: bool = False) -> Iterator[Recording]:
    """Record every call to devices that are opened inside the block, on any backend.

    Args:
        path: the trace to create, usually named ``*.tttrace``; ``{pid}`` in it becomes the process id.
        overwrite: replace an existing file.

    Raises:
        TraceError: the file exists or cannot be created, another process is recording it, or this one records already.
    """
    with _current.lock:
        if _current.block is not None:
            raise TraceError(f"{_current.block.path} is being recorded already; end that block before the next")
        recording = _current.block = Recording(path, overwrite=overwrite)
    try:
        yield recording
    finally:
        with _current.lock:
            _current.block = None
        recording.end()


def current_recording() -> Recording | None:
    """Return what a device that is opened now is recorded to: the innermost block, else ``TTHAL_RECORD``, else None.

    Raises:
        TraceError: the file that ``TTHAL_RECORD`` names cannot be created.
    """
    with _current.lock:
        if _current.block is not None:
            return _current.block
        path = os.environ.get(RECORD_VARIABLE, "")
        if not path:
            return None
        if _current.pid != os.getpid():
            # A forked child inherits the parent's recordings, which are not its own.
            _current.variable, _current.pid = {}, os.getpid()
        # The text is the key: a program that changes its folder goes on with the file it began.
        if path not in _current.variable:
            _current.variable[path] = _by_variable(path)
        return _current.variable[path]


def is_recording() -> bool:
    """Whether a device that is opened now will be recorded; creates nothing."""
    return _current.block is not None or bool(os.environ.get(RECORD_VARIABLE))


def _by_variable(path: str) -> Recording:
    try:
        recording = Recording(path)
    except TraceError as error:
        raise TraceError(f"{error} (the environment variable {RECORD_VARIABLE} names it)") from error
    atexit.register(recording.end)
    return recording
