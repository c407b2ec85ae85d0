"""Ctrl-C that reaches a finalizer, in a program that opened a device.

Python cannot let an exception out of what the garbage collector calls (``__del__``, the callback of a weak reference,
the destructor of a C object): it hands it to ``sys.unraisablehook``, which prints it, and the program goes on as if
nobody had asked it to stop. Here such a Ctrl-C is sent once more, when the finalizer is over.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

_A_MOMENT = 0.01
"""Seconds that a finalizer may take to end; one that takes longer is interrupted again, and Ctrl-C sent again."""


def keep_interrupts() -> None:
    """From now on no Ctrl-C is lost in a finalizer; what else happens there goes where it went."""
    if not isinstance(sys.unraisablehook, _Keeping):
        sys.unraisablehook = _Keeping(sys.unraisablehook)


class _Keeping:
    """A ``sys.unraisablehook`` before the one that there was."""

    def __init__(self, former: Callable[[Any], object]) -> None:
        self._former = former

    def __call__(self, unraisable: Any) -> None:
        if not isinstance(unraisable.exc_value, KeyboardInterrupt) or not _may_be_sent():
            self._former(unraisable)
            return
        try:
            _send_later()
        except KeyboardInterrupt:  # the next one, which would get lost here
            _send_later()


def _may_be_sent() -> bool:
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and callable(signal.getsignal(signal.SIGINT)) and not sys.is_finalizing()


def _send_later() -> None:
    # One call into C: a line of Python between here and the thread's start would be a place to be interrupted at.
    _thread.start_new_thread(_send, ())


def _send() -> None:
    time.sleep(_A_MOMENT)
    main = threading.main_thread().ident
    if sys.platform != "win32" and main is not None:
        # To the main thread itself, so that what waits there wakes up.
        signal.pthread_kill(main, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)
