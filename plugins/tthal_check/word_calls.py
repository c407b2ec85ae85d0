"""Who set and raised words of L1 in a launch, and whose waits for them ended, as the compiled checks kept it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import numpy.typing as npt

from tthal.columns import counted
from tthal.errors import Frame, SourceLocation
from tthal.observer import ADDRESS_BITS, NODE_BITS, SLOTS, EventKind, ObservedLaunch, TransferFlag

from .structures import NONE

_AXIS = (1 << NODE_BITS) - 1
_NODE = (1 << 2 * NODE_BITS) - 1
_ADDRESS = (1 << ADDRESS_BITS) - 1
_LOCAL = (EventKind.SEMAPHORE_SET, EventKind.SEMAPHORE_REACHED, EventKind.QUEUED_READ)
"""About the L1 of the kernel's own core."""
_MULTICASTS = (EventKind.QUEUED_WRITE_MULTICAST, EventKind.QUEUED_INLINE_MULTICAST, EventKind.QUEUED_ATOMIC_MULTICAST)
_INCREMENTS = (EventKind.QUEUED_ATOMIC_INCREMENT, EventKind.QUEUED_ATOMIC_MULTICAST)


@dataclass(frozen=True, slots=True)
class WordCall:
    """What a line of a kernel did with a word of L1, or with words from there on.

    Attributes:
        kernel: its index.
        call: the function of the device API.
        location: its line; None where that is not known.
        nodes: indices of the cores whose L1 it is about.
        size: in bytes.
        times: how often; ``sum`` is that of all its values, ``value`` the last one.
        last: when it was last done, in the launch's order.
    """

    event: EventKind
    kernel: int
    call: str
    location: SourceLocation | None
    nodes: frozenset[int]
    address: int
    size: int
    times: int
    sum: int
    value: int
    last: int

    @property
    def is_increment(self) -> bool:
        """Whether it adds to the word; else it replaces it, or waits for it."""
        return self.event in _INCREMENTS

    @property
    def is_set(self) -> bool:
        """Whether it replaces the word."""
        return not self.is_increment and not self.is_wait

    @property
    def is_wait(self) -> bool:
        """Whether it is a wait that ended."""
        return self.event is EventKind.SEMAPHORE_REACHED

    @property
    def is_own(self) -> bool:
        """Whether it is a core's own set of its word, not a transfer."""
        return self.event is EventKind.SEMAPHORE_SET

    @property
    def done(self) -> str:
        """What it did, in words: with a value where that is known, and how often."""
        if self.is_increment:
            return f"raised by {self.sum} in all"
        if self.size != 4:
            return f"written {counted(self.times, 'time')}, {self.size} B with others,"
        return f"set to {self.value}" if self.times == 1 else f"set {self.times} times, the last time to {self.value},"


class WordCalls:
    """The calls of a launch."""

    def __init__(self, launch: ObservedLaunch, rows: npt.NDArray[np.void], are_all: bool) -> None:
        known = (_word_call(launch, row) for row in rows[rows["times"] > 0])
        self._calls = tuple(_by_line(call for call in known if call.kernel in launch.kernels))
        self.are_all = are_all
        """Whether none were left out."""

    def at(self, node: int, address: int) -> list[WordCall]:
        """Return those about a word of a core's L1, the last one at the end."""
        return [call for call in self.of(address) if node in call.nodes]

    def of(self, address: int) -> list[WordCall]:
        """Return those about the word at an address, on any core."""
        return [call for call in self._calls if call.address <= address < call.address + call.size]

    def increments(self) -> list[WordCall]:
        """Return all that raised a word."""
        return [call for call in self._calls if call.is_increment]


def _word_call(launch: ObservedLaunch, row: np.void) -> WordCall:
    event, kernel, site = EventKind(int(row["event"])), int(row["kernel"]), int(row["site"])
    frames = launch.frames(kernel, site) if site and kernel != NONE else ()
    numbers = [int(row[name]) for name in ("size", "times", "sum", "value", "last")]
    nodes, address = _nodes(launch, row, event), int(row["remote"]) & _ADDRESS
    return WordCall(event, kernel, _call(frames), _location(frames), nodes, address, *numbers)


def _nodes(launch: ObservedLaunch, row: np.void, event: EventKind) -> frozenset[int]:
    own = int(row["kernel"]) // SLOTS
    if event in _LOCAL:
        return frozenset((own,))
    places = int(row["remote"]) >> ADDRESS_BITS
    answers = launch.nodes[int(row["noc"]) % 2]
    if event not in _MULTICASTS:
        return frozenset((int(answers[places & _NODE]),))
    reached = {int(answers[place]) for place in _rectangle(places)}
    return frozenset(reached if int(row["flags"]) & TransferFlag.INCLUDE_SOURCE else reached - {own})


def _rectangle(corners: int) -> Iterator[int]:
    x1, y1, x0, y0 = (corners >> shift * NODE_BITS & _AXIS for shift in range(4))
    for y in range(min(y0, y1), max(y0, y1) + 1):
        yield from (y << NODE_BITS | x for x in range(min(x0, x1), max(x0, x1) + 1))


def _by_line(calls: Iterable[WordCall]) -> Iterator[WordCall]:
    """Put those of one line together that an unrolled loop has several times, in the order of the last time of each."""
    key: Callable[[WordCall], tuple[object, ...]] = lambda call: (  # noqa: E731
        call.kernel, call.event, call.address, call.size, sorted(call.nodes), str(call.location),
    )  # fmt: skip
    several = (list(group) for _, group in groupby(sorted(calls, key=key), key))
    yield from sorted((_together(group) for group in several), key=lambda call: call.last)


def _together(calls: list[WordCall]) -> WordCall:
    last = max(calls, key=lambda call: call.last)
    times, total = sum(call.times for call in calls), sum(call.sum for call in calls)
    return replace(last, times=times, sum=total & 0xFFFFFFFF)


def _call(frames: Iterable[Frame]) -> str:
    """The function of the device headers that the kernel called."""
    called = ""
    for frame in frames:
        if frame.location is not None and not frame.location.file.startswith("<"):
            break
        called = frame.function
    return called.partition("<")[0]


def _location(frames: Iterable[Frame]) -> SourceLocation | None:
    places = (frame.location for frame in frames)
    return next((place for place in places if place is not None and not place.file.startswith("<")), None)
