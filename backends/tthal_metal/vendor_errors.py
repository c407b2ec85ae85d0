"""Turns what the vendor's library throws into tthal's errors, with the text trimmed to its message."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tthal.errors import (
    BackendUnavailable,
    CompileError,
    DeviceError,
    Diagnostic,
    InvalidArgument,
    OutOfMemory,
    PlacementError,
    SourceLocation,
    TthalError,
    Unsupported,
)

NOT_IN_LIBRARY = 4
BAD_ARGUMENT = 3


@dataclass(frozen=True, slots=True)
class VendorFailure:
    """A failed call of the shim: its status, the exception's C++ type, and the whole text."""

    status: int
    kind: str
    text: str

    @property
    def message(self) -> str:
        """The text without source locations and backtraces."""
        return trim(self.text)


# "TT_FATAL @ file:line: condition", "info:", the message, "backtrace:" and frames; UMD says its message first, then
# "Location:" and numbered frames.
_HEAD = re.compile(r"TT_(?:FATAL|THROW|ASSERT) @ [^\n]*\n(?:info:\n)?")
_TAIL = re.compile(r"\n(?:backtrace:|Location: )")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def trim(text: str) -> str:
    """Cut a vendor text down to what it says."""
    text = _TAIL.split(_COLOUR.sub("", text), maxsplit=1)[0]
    return _HEAD.sub("", text).strip()


_NO_DEVICE_FIX = (
    "Check that the card is seen (ls /dev/tenstorrent, tt-smi), or set TT_METAL_SIMULATOR or "
    "TT_METAL_MOCK_CLUSTER_DESC_PATH to work without one"
)

# What a text means, first match wins: pattern, error, how to fix it.
_MEANINGS: tuple[tuple[str, type[TthalError], str], ...] = (
    (r"Out of Memory: Not enough space", OutOfMemory, "Free buffers, or make this one smaller"),
    (r"No chips detected|Could not open device|no devices found|No such device", BackendUnavailable, _NO_DEVICE_FIX),
    (r"Failed to generate FW|firmware.*(?:missing|not found)|sfpi not found|[Cc]annot find.*sfpi", BackendUnavailable,
     "Install the vendor's compiler (sfpi) into the runtime root, see docs/cards.md"),
    (r"(?:descriptor|\.yaml).*(?:does not exist|not found)|bad file: ", BackendUnavailable,
     "Check TT_METAL_RUNTIME_ROOT, TT_METAL_SIMULATOR and TT_METAL_MOCK_CLUSTER_DESC_PATH"),
    (r"grow to \d+ B which is beyond max L1", PlacementError, "Make the circular buffers smaller"),
    (r"clash with L1 buffers", PlacementError, "Free L1 buffers or make the circular buffers smaller"),
    (r"No core coordinate found|exceeds device compute grid|exceeds the compute grid|Illegal kernel placement",
     PlacementError, "Place it inside device.compute_with_storage_grid_size()"),
    (r"too large for kernel config buffer|single sub-device|same noc mode for all", PlacementError,
     "Make the program smaller or uniform"),
    (r"larger than the associated dynamically allocated|Only L1 buffers can have an associated", InvalidArgument,
     "Bind the circular buffer to an L1 buffer that is large enough"),
    (r"shard|page size|page_size|divisible by|reserved DRAM region|out of range|Bounds-Error", InvalidArgument, ""),
    (r"TIMEOUT|timed? ?out|potential hang", DeviceError,
     "The device may have to be reset (tt-smi -r); look for a kernel that waits for something that never comes"),
)  # fmt: skip

_COMPILE = re.compile(r"Failed to generate binaries for (?P<kernel>\S+)")
_BUILD_FAILED = re.compile(r"\S+ build failed\. Log:[ ]?(?P<log>.*)", re.DOTALL)


def translate(failure: VendorFailure, doing: str) -> TthalError:
    """Return the error to raise; ``doing`` completes "libtt_metal failed to ..."."""
    message = failure.message or failure.kind or "it gave no reason"
    if failure.status == NOT_IN_LIBRARY:
        return Unsupported(f"cannot {doing}: {message}; use another release of the library")
    if failure.status == BAD_ARGUMENT:
        return InvalidArgument(f"cannot {doing}: {message}")
    built = _COMPILE.search(message) or _BUILD_FAILED.search(message)
    if built:
        return compile_error(message)
    for pattern, error, fix in _MEANINGS:
        if re.search(pattern, message):
            return error(f"libtt_metal failed to {doing}: {message}" + (f". {fix}" if fix else ""))
    return DeviceError(f"libtt_metal failed to {doing}: {message}")


_GCC = re.compile(
    r"^(?P<file>[^\s:][^:]*):(?P<line>\d+):(?:(?P<column>\d+):)? (?P<severity>fatal error|error): (?P<message>.*)$"
)


def compile_error(message: str) -> CompileError:
    """Return the error for kernels that the vendor's compiler rejected; file names are as the compiler gave them."""
    named = _COMPILE.search(message)
    kernel = named.group("kernel") if named else "the firmware"
    log = _BUILD_FAILED.search(message)
    diagnostics = tuple(_diagnostics(kernel, log.group("log") if log else message))
    first = str(diagnostics[0]) if diagnostics else (log.group("log").strip() if log else message)
    return CompileError(f"the vendor's compiler rejected kernel {kernel}: {first}", diagnostics)


def _diagnostics(kernel: str, log: str) -> list[Diagnostic]:
    found = []
    for match in map(_GCC.match, log.splitlines()):
        if match:
            place = SourceLocation(match["file"], int(match["line"]), int(match["column"] or 0))
            found.append(Diagnostic(kernel, match["severity"], match["message"], place))
    return found
