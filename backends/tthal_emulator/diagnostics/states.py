"""What a processor is doing, in words: where it is, what it waits for, what it has."""

from __future__ import annotations

from collections.abc import Sequence

from tthal.errors import Frame, ProcessorState, SourceLocation
from tthal_emulator import abi
from tthal_emulator.abi import COUNTER_MASK, MAILBOX_DEPTH, Wait

from .view import KernelView

MAILBOX_NAMES = ("Brisc", "Unpack", "Math", "Pack")
"""The threads that have mailboxes, in the order of the vendor's numbers."""
DEVICE_HEADERS = "<"
"""Files of the device headers have names that begin with this; the user's never do."""
_WITHOUT_OPERANDS: dict[int, str] = {Wait.YIELD: "polling", Wait.PRODUCTS: "multiplying matrices"}


def where(kernel: KernelView) -> str:
    """Name core, processor and kernel."""
    return f"core ({kernel.place[0]},{kernel.place[1]}) {kernel.risc}, kernel {kernel.kernel}"


def state(kernel: KernelView, frames: tuple[Frame, ...] = ()) -> ProcessorState:
    """Return a record of what a kernel is doing; ``frames`` is its backtrace."""
    letters = _waypoint(kernel)
    doing = f"{activity(kernel)} (waypoint {letters})" if letters else activity(kernel)
    return ProcessorState(kernel.place, kernel.risc, kernel.kernel, doing, user_location(frames), frames)


def activity(kernel: KernelView) -> str:
    """Say what a kernel waits for, or that it runs."""
    if kernel.waiting is None:
        return "running"
    kind, a, b = kernel.waiting
    if kind <= Wait.CB_SPACE:
        call = "cb_wait_front" if kind == Wait.CB_PAGES else "cb_reserve_back"
        return f"{call}(cb {a}, {b} pages): {filled(kernel, a)}"
    if kind in _WITHOUT_OPERANDS:
        return _WITHOUT_OPERANDS[kind]
    if kind == Wait.MAILBOX_WORD:
        return f"mailbox_read({MAILBOX_NAMES[a]}ThreadId) in {MAILBOX_NAMES[b]}: nothing was written"
    if kind == Wait.MAILBOX_ROOM:
        return f"mailbox_write in {MAILBOX_NAMES[a]}: {MAILBOX_DEPTH} words were not read yet"
    value = int.from_bytes(kernel.l1[a : a + 4], "little")
    relation = "" if kind == Wait.SEMAPHORE_EQUAL else ">= "
    return f"semaphore at L1 0x{a:x} to become {relation}{b}: it is {value}"


def filled(kernel: KernelView, cb: int) -> str:
    """Say how many pages of a circular buffer are filled."""
    there = (kernel.registers[2 * cb] - kernel.registers[2 * cb + 1]) & COUNTER_MASK
    return f"{there} of {kernel.pages[cb]} pages are filled"


def user_location(frames: Sequence[Frame]) -> SourceLocation | None:
    """Return the innermost place that is not in the device headers."""
    for frame in frames:
        if frame.location is not None and not frame.location.file.startswith(DEVICE_HEADERS):
            return frame.location
    return None


def _waypoint(kernel: KernelView) -> str:
    """The letters of the last WAYPOINT that the processor passed."""
    raw = bytes(kernel.block[abi.WAYPOINT : abi.WAYPOINT + 4]).rstrip(b"\0")
    return raw.decode("ascii", "replace")
