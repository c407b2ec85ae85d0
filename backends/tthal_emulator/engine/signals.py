"""Keeps libwasmtime's handlers of hardware faults in place while kernels run.

Whoever installs handlers later (``faulthandler.enable()``, a debugger, another native library) would get a kernel's
faults and end the process. So whenever a kernel starts libwasmtime's handlers are put back, and the others' when no
processor is left.
"""

from __future__ import annotations

import signal
import sys
import threading
from typing import Any

_NAMES = ("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE")


class FaultHandlers:
    """libwasmtime's handlers, as they were right after it installed them; one object per process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._check_all = True
        self._own: list[tuple[int, Any]] = []
        self._foreign: dict[int, Any] = {}

    def remember(self) -> None:
        """Call once libwasmtime has installed its handlers; later calls change nothing."""
        with self._lock:
            if self._own or sys.platform != "linux":
                return
            from ._interface import ffi

            self._ffi = ffi
            self._sigaction = self._ffi.dlopen(None).sigaction
            self._current = self._ffi.new("action_t*")
            for name in _NAMES:
                number, action = getattr(signal, name), self._ffi.new("action_t*")
                self._sigaction(number, self._ffi.NULL, action)
                self._own.append((number, action))

    def acquire(self) -> None:
        """A processor comes into being."""
        self._check_all = self._check_all or self._users <= 0
        self._users += 1

    def claim(self) -> None:
        """A processor starts: see that faults come to libwasmtime."""
        # Whoever takes one of them takes SIGSEGV, so one look per start is enough once all were right.
        if self._own and (self._check_all or self._is_foreign(*self._own[0])):
            for number, own in self._own:
                if self._is_foreign(number, own):
                    self._foreign[number] = self._ffi.new("action_t*", self._current[0])
                    self._sigaction(number, own, self._ffi.NULL)
            self._check_all = False

    def _is_foreign(self, number: int, own: Any) -> bool:
        self._sigaction(number, self._ffi.NULL, self._current)
        return bool(self._current.handler != own.handler)

    def release(self) -> None:
        """A processor is gone."""
        self._users -= 1
        while self._users <= 0 and self._foreign:
            number, action = self._foreign.popitem()
            self._sigaction(number, action, self._ffi.NULL)


FAULT_HANDLERS = FaultHandlers()
