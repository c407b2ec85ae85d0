"""Ctrl-C that comes inside a finalizer, while a launch runs.

Python cannot let an exception out of a callback of the garbage collector (``__del__``, a weak reference's): it hands it
to ``sys.unraisablehook``, which prints it, and the program goes on as if nobody had asked it to stop.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from types import TracebackType
from typing import Any


class Interrupts:
    """Keeps what finalizers could not raise while its block runs, and raises what was a Ctrl-C."""

    def __init__(self) -> None:
        # Python code would be a place for the next Ctrl-C to get lost in; appending to a deque is none.
        self._kept: deque[Any] = deque()
        self._former: Any = None

    def __enter__(self) -> None:
        # Only there Ctrl-C is delivered.
        if threading.current_thread() is threading.main_thread():
            self._former, sys.unraisablehook = sys.unraisablehook, self._kept.append

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._former is not None:
            sys.unraisablehook, self._former = self._former, None
        if isinstance(error, KeyboardInterrupt):
            self._kept.clear()
        else:
            self.raise_kept()

    def raise_kept(self) -> None:
        """Raise a Ctrl-C that got no further than a finalizer; what else did goes where it would have gone."""
        while self._kept:
            unraisable = self._kept.popleft()
            if isinstance(unraisable.exc_value, KeyboardInterrupt):
                raise unraisable.exc_value
            (self._former or sys.unraisablehook)(unraisable)
