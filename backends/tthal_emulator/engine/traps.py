"""What ends a processor before its time: :class:`Trap`, its kinds, and the reading of wasmtime's report.

wasmtime's own text is parsed rather than the DWARF lines read: only the text names the inlined calls, and most of a
kernel is inlined.
"""

from __future__ import annotations

import enum
import posixpath
import re

from tthal.errors import Frame, SourceLocation


class EngineError(Exception):
    """The engine was used wrongly or the host refused it a resource."""


class TrapKind(enum.Enum):
    """Why a processor stopped; the values of hardware traps are wasmtime's trap codes (trap.h)."""

    STACK_OVERFLOW = 0
    MEMORY_ACCESS = 1
    UNALIGNED_VOLATILE = 2
    TABLE_ACCESS = 3
    NULL_FUNCTION = 4
    BAD_SIGNATURE = 5
    INTEGER_OVERFLOW = 6
    DIVIDE_BY_ZERO = 7
    BAD_FLOAT_CONVERSION = 8
    UNREACHABLE = 9
    INTERRUPTED = -1
    """The host asked for it: :meth:`Processor.interrupt` (deadlock, time limit)."""
    HOST_ERROR = -2
    """A host function raised; :attr:`Trap.__cause__` is the exception."""
    OTHER = -3


_MEANING = {
    TrapKind.STACK_OVERFLOW: "the call stack is exhausted (endless recursion?)",
    TrapKind.MEMORY_ACCESS: "memory access out of bounds",
    TrapKind.UNALIGNED_VOLATILE: "a volatile access to an address that is not a multiple of its size",
    TrapKind.TABLE_ACCESS: "a call through a bad function pointer",
    TrapKind.NULL_FUNCTION: "a call through a null function pointer",
    TrapKind.BAD_SIGNATURE: "a call through a function pointer of another type",
    TrapKind.INTEGER_OVERFLOW: "integer overflow in a division",
    TrapKind.DIVIDE_BY_ZERO: "integer division by zero",
    TrapKind.BAD_FLOAT_CONVERSION: "a float that does not fit the integer it is converted to",
    TrapKind.UNREACHABLE: "reached code that cannot be reached (__builtin_trap, or a function without return)",
}


class Trap(Exception):
    """A processor was stopped; it cannot go on.

    Attributes:
        address: the faulting address in the processor's address space, when the hardware told it; ``region`` names what
            is there.
        frames: the backtrace, innermost first, inlined calls included; at most about 20 physical frames.
    """

    def __init__(
        self,
        kind: TrapKind,
        message: str,
        frames: tuple[Frame, ...] = (),
        address: int | None = None,
        region: str = "",
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.frames = frames
        self.address = address
        self.region = region


# libwasmtime demangles every name, also those that are none: a function called ``x`` is shown as "long long".
_CODES_OF_TYPES = {
    "void": "v", "wchar_t": "w", "bool": "b", "char": "c", "signed char": "a", "unsigned char": "h", "short": "s",
    "unsigned short": "t", "int": "i", "unsigned int": "j", "long": "l", "unsigned long": "m", "long long": "x",
    "unsigned long long": "y", "__int128": "n", "unsigned __int128": "o", "float": "f", "double": "d",
    "long double": "e", "__float80": "e", "__float128": "g", "...": "z",
}  # fmt: skip
_HEADER = "error while executing at wasm backtrace:"
_FUNCTION = re.compile(r"^\s+(?:\d+:\s+0x[0-9a-f]+\s)?-\s(.*)$")
_PLACE = re.compile(r"^\s+at (.*):(\d+):(\d+)$")
_ENTRY = ".command_export"
"""Ends the name of what the linker puts around the kernel's entry; it has no place."""
_FAULT = re.compile(r"memory fault at wasm address 0x([0-9a-f]+)")


def read_report(text: str, code: int | None) -> Trap:
    """Turn wasmtime's report of a trap into a :class:`Trap`; ``code`` is None for traps made by the host."""
    head, _, cause = text.partition("\nCaused by:")
    frames = read_frames(head) if _HEADER in head else ()
    message = _cause(cause) if cause else text.strip()
    if code is None:
        return Trap(TrapKind.HOST_ERROR, message, frames)
    kind = TrapKind(code) if code in TrapKind._value2member_map_ else TrapKind.OTHER
    fault = _FAULT.search(text)
    return Trap(kind, _MEANING.get(kind, message), frames, int(fault[1], 16) if fault else None)


def read_frames(text: str) -> tuple[Frame, ...]:
    """Read the frames of a report, innermost first."""
    frames: list[Frame] = []
    for line in text.splitlines():
        if place := _PLACE.match(line):
            if frames:
                location = SourceLocation(posixpath.normpath(place[1]), int(place[2]), int(place[3]))
                frames[-1] = Frame(frames[-1].function, location)
        elif (function := _FUNCTION.match(line)) and not function[1].endswith(_ENTRY):
            frames.append(Frame(_plain_name(function[1])))
    return tuple(frames)


def _plain_name(function: str) -> str:
    """A function's name without parameters, which only some frames have."""
    name = function
    if name.endswith(")"):
        depth = 0
        for position in range(len(name) - 1, -1, -1):
            depth += {")": 1, "(": -1}.get(name[position], 0)
            if depth == 0:
                name = name[:position]
                break
    if not name or name.endswith("operator"):
        name = function
    return _CODES_OF_TYPES.get(name, name)


def _cause(text: str) -> str:
    lines = [re.sub(r"^\d+: ", "", line.strip()) for line in text.strip().splitlines()]
    return "; ".join(line.removeprefix("wasm trap: ") for line in lines if line)
