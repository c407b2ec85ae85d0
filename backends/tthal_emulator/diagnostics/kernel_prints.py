"""Lines out of what kernels print."""

from __future__ import annotations

from collections.abc import Callable

from tthal.coordinates import CoreCoord

from .print_records import LinePrinter, PrintError, RecordReader
from .view import KernelView

MOST_TEXT = 16 << 20
"""Characters that one processor may print in a launch: whoever listens may keep them all."""


class KernelPrints:
    """Turns what the kernels of a device print into lines.

    Args:
        emit: gets core, processor and text of every line.
    """

    def __init__(self, emit: Callable[[CoreCoord, str, str], None]) -> None:
        self._emit = emit
        self._lines: dict[tuple[int, str], LinePrinter] = {}

    def take(self, kernel: KernelView, data: bytes) -> None:
        """Take what a kernel printed.

        Raises:
            PrintError: it cannot be shown, or the kernel prints too much.
        """
        key = (kernel.core, kernel.risc)
        if key not in self._lines:
            core, risc = CoreCoord(*kernel.place), kernel.risc
            self._lines[key] = LinePrinter(RecordReader(kernel.l1), lambda text: self._emit(core, risc, text))
        if self._lines[key].printed > MOST_TEXT:
            raise PrintError(f"DPRINT: a processor may print {MOST_TEXT >> 20} MB in a launch; this kernel prints more")
        self._lines[key].take(data)

    def end_launch(self) -> None:
        """Emit the lines that were begun; the next launch begins with nothing set."""
        lines, self._lines = self._lines, {}
        for line in lines.values():
            line.close()
