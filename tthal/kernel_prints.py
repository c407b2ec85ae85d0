"""What kernels print, on the terminal or in a file; which prints, as the vendor's variables say.

Unlike on a card, where nothing is printed until TT_METAL_DPRINT_CORES names cores, all cores print by default.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tthal.coordinates import CoreCoord, CoreRange
from tthal.device_interface import Event, KernelPrint
from tthal.errors import InvalidArgument

CORES, CHIPS, PROCESSORS, FILE, PREFIX = (
    f"TT_METAL_DPRINT_{each}" for each in ("CORES", "CHIPS", "RISCVS", "FILE", "PREPEND_DEVICE_CORE_RISC")
)

VARIABLES = {
    CORES: "cores whose kernels print: all, none, or a list such as (0,0),(2,2)-(3,3)",
    CHIPS: "devices whose kernels print: all, or a list of ids",
    PROCESSORS: "processors that print: BR, NC, TR0, TR1, TR2, TR*, joined by +; a compute kernel is all of TR*",
    FILE: "where prints go instead of the terminal",
    PREFIX: "0 leaves out device, core and processor in front of each line",
}
"""The variables, with what `tthal doctor` says of them (names and values as the vendor's documentation has them)."""

_SHORT_NAMES = {"BRISC": "BR", "NCRISC": "NC", "TRISC": "TR"}
_KNOWN_PROCESSORS = frozenset({"BR", "NC", "TR", "TR0", "TR1", "TR2", "TR*"})
_CORE = r"\(?\s*(\d+)\s*,\s*(\d+)\s*\)?"
_CORE_RANGE = re.compile(rf"{_CORE}(?:\s*-\s*{_CORE})?")

_begun: set[Path] = set()


@dataclass(frozen=True, slots=True)
class PrintSelection:
    """Which prints are shown, and where; None means all."""

    cores: tuple[CoreRange, ...] | None = None
    chips: frozenset[int] | None = None
    processors: frozenset[str] | None = None
    file: Path | None = None
    prefix: bool = True

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> PrintSelection:
        """Read the vendor's variables.

        Raises:
            InvalidArgument: one has a value that says nothing.
        """
        name = environment.get(FILE, "")
        return cls(
            cores=_cores(environment.get(CORES, "all")),
            chips=_chips(environment.get(CHIPS, "all")),
            processors=_processors(environment.get(PROCESSORS, "all")),
            file=Path(name) if name else None,
            prefix=environment.get(PREFIX, "1") != "0",
        )

    def takes(self, line: KernelPrint) -> bool:
        """Whether a print is shown."""
        return (
            (self.chips is None or line.device_id in self.chips)
            and (self.cores is None or any(line.core in each for each in self.cores))
            and (self.processors is None or short_name(line.processor) in self.processors)
        )


class KernelPrintWriter:
    """Writes what the kernels of a device print: ``device:(x=0,y=0):BR: text``, line by line."""

    def __init__(self, selection: PrintSelection) -> None:
        self._selection = selection

    def __call__(self, event: Event) -> None:
        if not isinstance(event, KernelPrint) or not self._selection.takes(event):
            return
        place = f"{event.device_id}:(x={event.core.x},y={event.core.y}):{short_name(event.processor)}: "
        line = f"{place if self._selection.prefix else ''}{event.text}\n"
        if self._selection.file is None:
            sys.stdout.write(line)
            sys.stdout.flush()
        else:
            _append(self._selection.file, line)


def short_name(processor: str) -> str:
    """Return the vendor's short name of a processor."""
    return _SHORT_NAMES.get(processor, processor)


def _append(path: Path, line: str) -> None:
    # The first line of a process begins the file anew; devices and threads share it.
    mode = "a" if path in _begun else "w"
    _begun.add(path)
    with path.open(mode, encoding="utf-8") as out:
        out.write(line)


def _cores(text: str) -> tuple[CoreRange, ...] | None:
    if text in ("all", "worker"):
        return None
    if text in ("", "none", "dispatch"):
        return ()
    found = [each.groups() for each in _CORE_RANGE.finditer(text)]
    if not found or re.sub(r"[\s,]", "", _CORE_RANGE.sub("", text)):
        raise InvalidArgument(f"{CORES}={text!r} names no cores: give {VARIABLES[CORES]}")
    corners = (tuple(map(int, (x0, y0, x1 or x0, y1 or y0))) for x0, y0, x1, y1 in found)
    return tuple(CoreRange(CoreCoord(x0, y0), CoreCoord(x1, y1)) for x0, y0, x1, y1 in corners)


def _chips(text: str) -> frozenset[int] | None:
    if text == "all":
        return None
    try:
        return frozenset(int(each) for each in text.split(",") if each.strip())
    except ValueError:
        raise InvalidArgument(f"{CHIPS}={text!r} names no devices: give {VARIABLES[CHIPS]}") from None


def _processors(text: str) -> frozenset[str] | None:
    if text in ("all", ""):
        return None
    names = {each for each in re.split(r"[+,|\s]+", text.upper()) if each}
    unknown = names - _KNOWN_PROCESSORS
    if unknown:
        raise InvalidArgument(
            f"{PROCESSORS}={text!r}: {sorted(unknown)[0]} is no processor here: {VARIABLES[PROCESSORS]}"
        )
    return frozenset({"TR" if each.startswith("TR") else each for each in names})
