"""Where kernels' prints go: events in the program, and a file when one is wanted."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from tthal.coordinates import CoreCoord
from tthal.device_interface import EventSink, KernelPrint
from tthal.errors import InvalidArgument

from .print_records import LinePrinter, PrintError, RecordReader
from .view import KernelView

MOST_TEXT = 16 << 20
"""Characters that one processor may print in a launch: whoever listens may keep them all."""


class KernelPrints:
    """Turns what the kernels of a device print into lines.

    Args:
        file: gets every line too, with device, core and processor in front; begun anew.

    Raises:
        InvalidArgument: the file cannot be written.
    """

    def __init__(self, device_id: int, events: EventSink, file: Path | None = None) -> None:
        self._device_id = device_id
        self._events = events
        self._lines: dict[tuple[int, str], LinePrinter] = {}
        self._file: TextIO | None = None
        if file is not None:
            try:
                self._file = file.open("w", encoding="utf-8", buffering=1)
            except OSError as error:
                raise InvalidArgument(
                    f"the file for kernel prints, dprint={file}, cannot be written: {error}"
                ) from None

    def take(self, kernel: KernelView, data: bytes) -> None:
        """Take what a kernel printed.

        Raises:
            PrintError: it cannot be shown, or the kernel prints too much.
        """
        key = (kernel.core, kernel.risc)
        if key not in self._lines:
            place, risc = kernel.place, kernel.risc
            reader = RecordReader(kernel.l1)
            self._lines[key] = LinePrinter(reader, lambda text: self._emit(place, risc, text))
        if self._lines[key].printed > MOST_TEXT:
            raise PrintError(f"DPRINT: a processor may print {MOST_TEXT >> 20} MB in a launch; this kernel prints more")
        self._lines[key].take(data)

    def end_launch(self) -> None:
        """Emit the lines that were begun; the next launch begins with nothing set."""
        lines, self._lines = self._lines, {}
        for line in lines.values():
            line.close()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _emit(self, place: tuple[int, int], risc: str, text: str) -> None:
        self._events(KernelPrint(self._device_id, CoreCoord(*place), risc, text))
        if self._file is not None:
            self._file.write(f"{self._device_id}:{place[0]}-{place[1]}:{risc}: {text}\n")
