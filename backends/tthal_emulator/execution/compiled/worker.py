"""Threads that do matrix products while the thread of the kernels goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Any


class Worker:
    """Calls ``work(launch, line)`` again whenever compiled code wakes it.

    Args:
        line: whose products it does.
        memory: what ``work`` uses, which shall live as long as the thread.

    Attributes:
        wake: the C function that wakes it.
    """

    def __init__(self, ffi: Any, work: Callable[[Any, int], None], launch: Any, line: int, memory: Any) -> None:
        self._wanted: SimpleQueue[bool] = SimpleQueue()
        self._work, self._launch, self._line, self._memory = work, launch, line, memory
        # No line of Python runs in it, so Ctrl-C can neither get lost in it nor leave a lock behind.
        self.wake = ffi.callback("void(*)(void)", partial(self._wanted.put, True))
        self._thread = threading.Thread(target=self._run, name="tthal matrix products", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while self._wanted.get():
            self._work(self._launch, self._line)

    def close(self) -> None:
        """End the thread, and wait for it."""
        self._wanted.put(False)
        self._thread.join()
