"""Functions of Python that C calls, where Ctrl-C must not get lost, nor leave the work half done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Callbacks:
    """Makes C callbacks that finish their work even if Ctrl-C reaches them.

    Python may deliver it inside any callback, and C cannot pass it on: what C then gets must still be right, so the
    function is called again, and the exception is kept for :meth:`raise_pending`.

    Attributes:
        pending: what a callback could not raise.
    """

    def __init__(self, ffi: Any) -> None:
        self._ffi = ffi
        self.pending: BaseException | None = None

    def new(self, kind: str, function: Callable[..., Any], arguments: tuple[str, ...] = (), error: Any = None) -> Any:
        """Make one of C type ``kind``; ``function``, with these parameters, may be called twice.

        Args:
            error: what C gets when the second call fails too.
        """

        def again(exception: type, interrupt: BaseException, traceback: Any) -> Any:
            self.pending = interrupt
            values = traceback.tb_frame.f_locals
            return function(*(values[name] for name in arguments))

        return self._ffi.callback(kind, function, error, again)

    def raise_pending(self) -> None:
        """Raise what a callback could not; call it when the C function has returned."""
        if self.pending is not None:
            error, self.pending = self.pending, None
            raise error
