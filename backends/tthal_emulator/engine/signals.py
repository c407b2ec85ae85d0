"""Keeps libwasmtime's handlers of hardware faults in place while kernels run.

Whoever installs handlers later (``faulthandler.enable()``, a debugger, another native library) would get a kernel's
faults and end the process. So while processors exist libwasmtime's handlers are put back, and the others' afterwards.
"""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
from functools import cache
from typing import Any

_ACTION_SIZE = 256
"""More than ``struct sigaction`` has on any platform; its first member is the handler."""
_HANDLER_SIZE = 8
_NAMES = ("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE")


class FaultHandlers:
    """libwasmtime's handlers, as they were right after it installed them; one object per process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._own: dict[int, Any] = {}
        self._foreign: dict[int, Any] = {}

    def remember(self) -> None:
        """Call once libwasmtime has installed its handlers; later calls change nothing."""
        with self._lock:
            if not self._own and sys.platform == "linux":
                for name in _NAMES:
                    number = getattr(signal, name)
                    self._own[number] = _read(number)

    def acquire(self) -> None:
        """A processor comes into being."""
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._claim()

    def release(self) -> None:
        """A processor is gone."""
        with self._lock:
            self._users -= 1
            if self._users == 0:
                for number, action in self._foreign.items():
                    _write(number, action)
                self._foreign.clear()

    def _claim(self) -> None:
        for number, own in self._own.items():
            current = _read(number)
            if bytes(current)[:_HANDLER_SIZE] != bytes(own)[:_HANDLER_SIZE]:
                self._foreign[number] = current
                _write(number, own)


FAULT_HANDLERS = FaultHandlers()


@cache
def _sigaction() -> Any:
    return ctypes.CDLL(None).sigaction


def _read(number: int) -> Any:
    action = ctypes.create_string_buffer(_ACTION_SIZE)
    _sigaction()(number, None, action)
    return action


def _write(number: int, action: Any) -> None:
    _sigaction()(number, action, None)
