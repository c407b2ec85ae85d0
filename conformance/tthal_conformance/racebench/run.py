"""Running one program of a pair, and what there was to see."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from enum import Enum

import tthal as ttnn
from tthal.errors import TthalError
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
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Observation:
    """What one run showed.

    Attributes:
        report: errors and warnings, empty when there were none.
        result: whether the bytes were right; none when an error ended the run.
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
        raised, result = _attempt(pair, variant, on_board(pair, selection))
    texts = [raised] if raised else []
    texts += [str(item.message) for item in heard]
    return Observation(pair.name, variant, "\n".join(texts), result, round(time.monotonic() - began, 3))


def on_board(pair: Pair, selection: Selection) -> Selection:
    """Return the selection with the board that the pair needs, where a backend lets one choose."""
    arch = pair.text("arch", "")
    if not arch or selection.backend != "emulator":
        return selection
    return Selection(selection.backend, BOARD_OF[arch], selection.options)


def _attempt(pair: Pair, variant: Variant, selection: Selection) -> tuple[str, Bytes]:
    try:
        device = ttnn.open_device(0, backend=str(selection), num_command_queues=_QUEUES)
        with device:
            arch = pair.text("arch", "")
            if arch and device.properties.arch.value != arch:
                return "", Bytes.NOT_APPLICABLE
            found, expected = HOSTS[pair.host](Bench(device, pair, variant))
    except TthalError as error:
        return f"{type(error).__name__}: {error}", Bytes.NONE
    return "", Bytes.RIGHT if same(found, expected) else Bytes.WRONG
