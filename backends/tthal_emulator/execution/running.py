"""A kernel on one processor of one core while it runs: what scheduler, networks and host calls share about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tthal.errors import Frame, ProcessorState, SourceLocation
from tthal_emulator.abi import COUNTER_MASK, MAILBOX_DEPTH, MAX_CIRCULAR_BUFFERS, Wait
from tthal_emulator.engine import Processor
from tthal_emulator.noc.transfers import WORD, Port
from tthal_emulator.tensix.tile_unit import TileUnit

from .compiled.launch import NONE

QUIET_TURNS = 2
"""Turns without a call or a moved page after which a processor counts as polling."""
MAILBOX_NAMES = ("Brisc", "Unpack", "Math", "Pack")
"""The threads that have mailboxes, in the order of the vendor's numbers."""
_DOING: dict[int, str] = {Wait.YIELD: "polling", Wait.PRODUCTS: "multiplying matrices"}
DEVICE_HEADERS = "<"
"""Files of the device headers have names that begin with this; the user's never do."""


@dataclass(slots=True)
class RunningKernel:
    """One processor's run of a kernel.

    Attributes:
        core: index in the compute grid.
        place: the logical core (x, y).
        role: BRISC, NCRISC or TRISC.
        kernel: the kernel's source name.
        registers: the core's registers as 32-bit words.
        pages: number of pages of every circular buffer, by index; 0 = not configured.
        make_tile_unit: makes its matrix path, given the address of its DST.
        entry: what compiled code knows of it (``tthal_kernel`` in compiled/interface.h), set when it is to run.
        idle_fuel, idle_rounds: work done since anything else in the device moved, which `seen_moves` tells.
    """

    processor: Processor
    core: int
    place: tuple[int, int]
    role: str
    kernel: str
    port: Port
    registers: memoryview
    pages: tuple[int, ...]
    make_tile_unit: Callable[[int], TileUnit]
    entry: Any = None
    idle_fuel: int = 0
    idle_rounds: int = 0
    seen_moves: int = -1
    _counters: bytes = b""
    _quiet_turns: int = 0
    _tile_unit: TileUnit | None = None

    @property
    def waiting(self) -> tuple[int, int, int] | None:
        """(kind, a, b) while it waits."""
        kind = int(self.entry.wait_kind)
        return None if kind == NONE else (kind, int(self.entry.wait_a), int(self.entry.wait_b))

    def tile_unit(self, dst: int) -> TileUnit:
        """Return its matrix path; ``dst`` is where the kernel keeps DST."""
        if self._tile_unit is None:
            self._tile_unit = self.make_tile_unit(dst)
        return self._tile_unit

    def retire(self) -> bool:
        """End its processor's run; tell whether :meth:`renew` may follow. Safe at any moment outside a host call."""
        self._tile_unit = None
        if self.processor.finished:
            self.processor.retire()
        else:
            self.processor.close()
        return self.processor.finished

    def renew(self) -> None:
        """Become as new, for another launch of the same program."""
        self.processor.renew(self)
        self.port.clear()
        self.idle_fuel = self.idle_rounds = self._quiet_turns = 0
        self.seen_moves, self._counters = -1, b""

    def seems_to_compute(self) -> bool:
        """Whether it does more than poll memory: it called the host or moved pages in one of its last two turns.

        Two, because a turn may be short: it ends when the fuel is spent that was there before the processor waited.
        """
        counters = bytes(self.registers[: 2 * MAX_CIRCULAR_BUFFERS])
        if self.processor.called or counters != self._counters:
            self._quiet_turns = 0
        self._counters = counters
        self._quiet_turns += 1
        return self._quiet_turns <= QUIET_TURNS

    def describe(self) -> str:
        """Say what it waits for, or that it runs."""
        if self.waiting is None:
            return "running"
        kind, a, b = self.waiting
        if kind <= Wait.CB_SPACE:
            there = (self.registers[2 * a] - self.registers[2 * a + 1]) & COUNTER_MASK
            call = "cb_wait_front" if kind == Wait.CB_PAGES else "cb_reserve_back"
            return f"{call}(cb {a}, {b} pages): {there} of {self.pages[a]} pages are filled"
        if kind in _DOING:
            return _DOING[kind]
        if kind == Wait.MAILBOX_WORD:
            return f"mailbox_read({MAILBOX_NAMES[a]}ThreadId) in {MAILBOX_NAMES[b]}: nothing was written"
        if kind == Wait.MAILBOX_ROOM:
            return f"mailbox_write in {MAILBOX_NAMES[a]}: {MAILBOX_DEPTH} words were not read yet"
        value = int(WORD.unpack_from(self.port.l1, a)[0])
        relation = "" if kind == Wait.SEMAPHORE_EQUAL else ">= "
        return f"semaphore at L1 0x{a:x} to become {relation}{b}: it is {value}"

    def state(self, frames: tuple[Frame, ...] = ()) -> ProcessorState:
        """Return a record of what it is doing; ``frames`` is its backtrace."""
        letters = self.port.waypoint()
        doing = f"{self.describe()} (waypoint {letters})" if letters else self.describe()
        return ProcessorState(self.place, self.role, self.kernel, doing, user_location(frames), frames)

    def where(self) -> str:
        """Name core, processor and kernel for a message."""
        return f"core ({self.place[0]},{self.place[1]}) {self.role}, kernel {self.kernel}"


def user_location(frames: tuple[Frame, ...]) -> SourceLocation | None:
    """Return the innermost place that is not in the device headers."""
    for frame in frames:
        if frame.location is not None and not frame.location.file.startswith(DEVICE_HEADERS):
            return frame.location
    return None
