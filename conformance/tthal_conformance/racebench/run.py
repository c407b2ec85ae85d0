"""Running one program of a pair, and what there was to see."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from enum import Enum

import tthal as ttnn
from tthal.errors import KernelError, TthalError
from tthal.selection import Selection
from tthal_conformance.racebench.expected import same
from tthal_conformance.racebench.hosts import HOSTS, Bench
from tthal_conformance.racebench.pair import Pair, Variant

BOARD_OF = {"blackhole": "p150"}
"""The emulator's board with an architecture, for pairs that need one."""
_QUEUES = 2


class Bytes(Enum):
    """What became of the result."""

    RIGHT = "right"
    WRONG = "wrong"
    NONE = "none"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Observation:
    """What one run showed.

    Attributes:
        report: errors and warnings, empty when there were none.
        result: whether the bytes were right, where a check ended the run those of one without checks; none when another
            error ended it; unknown when a command did not say.
    """

    pair: str
    variant: Variant
    report: str
    result: Bytes
    seconds: float


def observe(pair: Pair, variant: Variant, selection: Selection) -> Observation:
    """Run one of a pair's programs; what is raised and warned is its report."""
    began = time.monotonic()
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        error, result = _attempt(pair, variant, on_board(pair, selection))
    texts = [f"{type(error).__name__}: {error}"] if error is not None else []
    texts += [str(item.message) for item in heard]
    seconds = round(time.monotonic() - began, 3)
    if isinstance(error, KernelError) and error.findings:
        result = _without_checks(pair, variant, selection)
    return Observation(pair.name, variant, "\n".join(texts), result, seconds)


def _without_checks(pair: Pair, variant: Variant, selection: Selection) -> Bytes:
    """What becomes of the bytes when no check ends the run: what anybody would notice."""
    unchecked = selection.without(("check", "warnings", "suppress", "findings", "dump")).with_options({"check": "off"})
    return _attempt(pair, variant, on_board(pair, unchecked))[1]


def on_board(pair: Pair, selection: Selection) -> Selection:
    """Return the selection with the board that the pair needs, where a backend lets one choose."""
    arch = pair.text("arch", "")
    if not arch or selection.backend != "emulator":
        return selection
    return Selection(selection.backend, BOARD_OF[arch], selection.options)


def _attempt(pair: Pair, variant: Variant, selection: Selection) -> tuple[TthalError | None, Bytes]:
    try:
        device = ttnn.open_device(0, backend=str(selection), num_command_queues=_QUEUES)
        with device:
            arch = pair.text("arch", "")
            if arch and device.properties.arch.value != arch:
                return None, Bytes.NOT_APPLICABLE
            found, expected = HOSTS[pair.host](Bench(device, pair, variant))
    except TthalError as error:
        return error, Bytes.NONE
    return None, Bytes.RIGHT if same(found, expected) else Bytes.WRONG
