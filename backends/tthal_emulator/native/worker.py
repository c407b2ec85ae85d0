"""A thread that does matrix products while the thread of the kernels goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class Worker:
    """Calls ``work(launch)`` again whenever compiled code wakes it.

    Attributes:
        wake: the C function that does.
    """

    def __init__(self, ffi: Any, work: Callable[[Any], None], launch: Any) -> None:
        self._needed = threading.Event()
        self._closed = False
        self._work, self._launch = work, launch
        self.wake = ffi.callback("void(*)(void)", self._needed.set)
        self._thread = threading.Thread(target=self._run, name="tthal matrix products", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            self._needed.wait()
            self._needed.clear()
            if self._closed:
                return
            self._work(self._launch)

    def close(self) -> None:
        """End the thread, and wait for it."""
        self._closed = True
        self._needed.set()
        self._thread.join()
