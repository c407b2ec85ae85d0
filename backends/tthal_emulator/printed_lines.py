"""Where the lines go that kernels print: events of the device, and a file when one is wanted."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from tthal.coordinates import CoreCoord
from tthal.device_interface import EventSink, KernelPrint
from tthal.errors import InvalidArgument
from tthal.observer import Observer


class PrintedLines(Observer):
    """Hears what the kernels of a device print.

    Args:
        file: gets every line too, with device, core and processor in front; begun anew.

    Raises:
        InvalidArgument: the file cannot be written.
    """

    def __init__(self, device_id: int, events: EventSink, file: Path | None) -> None:
        self._device_id = device_id
        self._events = events
        self._file = None if file is None else _begun(file)

    def printed(self, core: CoreCoord, processor: str, text: str) -> None:
        """See :class:`Observer`."""
        self._events(KernelPrint(self._device_id, core, processor, text))
        if self._file is not None:
            self._file.write(f"{self._device_id}:{core.x}-{core.y}:{processor}: {text}\n")

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _begun(file: Path) -> TextIO:
    try:
        return file.open("w", encoding="utf-8", buffering=1)
    except OSError as error:
        raise InvalidArgument(f"the file for kernel prints, dprint={file}, cannot be written: {error}") from None
