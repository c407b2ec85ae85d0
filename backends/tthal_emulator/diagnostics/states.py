"""What a processor is doing, in words: where it is, what it waits for, what it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tthal.columns import counted
from tthal.errors import Frame, ProcessorState, SourceLocation
from tthal_emulator import abi
from tthal_emulator.abi import COUNTER_MASK, MAILBOX_DEPTH, MailboxThread, Wait

from .view import KernelView

MAILBOX_NAMES = {
    MailboxThread.BRISC: "Brisc",
    MailboxThread.UNPACK: "Unpack",
    MailboxThread.MATH: "Math",
    MailboxThread.PACK: "Pack",
}
"""The threads that have mailboxes, as the vendor's enumerators begin."""
DEVICE_HEADERS = "<"
"""Files of the device headers have names that begin with this; the user's never do."""
_WAYPOINT = abi.PROCESSOR_BLOCK.offsets["waypoint"]
_POLLED = abi.PROCESSOR_BLOCK.offsets["polled"]

Activity = Callable[[KernelView, int, int], str]


def where(kernel: KernelView) -> str:
    """Name core, processor and kernel."""
    return f"core ({kernel.place[0]},{kernel.place[1]}) {kernel.risc}, kernel {kernel.kernel}"


def state(kernel: KernelView, frames: tuple[Frame, ...] = ()) -> ProcessorState:
    """Return a record of what a kernel is doing; ``frames`` is its backtrace."""
    letters = _waypoint(kernel)
    doing = f"{activity(kernel)} (waypoint {letters})" if letters else activity(kernel)
    asked = polled(kernel)
    location = user_location(kernel.frames_of(asked.site)) if asked is not None else None
    return ProcessorState(kernel.place, kernel.risc, kernel.kernel, doing, location or user_location(frames), frames)


@dataclass(frozen=True, slots=True)
class Polled:
    """A question for pages of a circular buffer, or for room there, to which the answer is no."""

    call: str
    circular_buffer: int
    pages: int
    site: int


def polled(kernel: KernelView) -> Polled | None:
    """Return what a kernel that runs asked for last and in vain, if that is so still."""
    which, cb, pages, site = np.frombuffer(kernel.block[_POLLED : _POLLED + 16], np.uint32).tolist()
    waits = kernel.waiting is not None and Wait(kernel.waiting[0]) is not Wait.YIELD
    if which == 0 or waits:
        return None
    there, room = _filled(kernel, cb), kernel.pages[cb] - _filled(kernel, cb)
    if Wait(which - 1) is Wait.CB_PAGES:
        return Polled("cb_pages_available_at_front", cb, pages, site) if there < pages else None
    return Polled("cb_pages_reservable_at_back", cb, pages, site) if room < pages else None


def activity(kernel: KernelView) -> str:
    """Say what a kernel waits for, or that it runs."""
    if (asked := polled(kernel)) is not None:
        pages = counted(asked.pages, "page")
        cb = asked.circular_buffer
        return f"polls {asked.call}(cb {cb}, {pages}): {filled(kernel, cb)}"
    if kernel.waiting is None:
        return "running"
    kind, a, b = kernel.waiting
    return ACTIVITIES[Wait(kind)](kernel, a, b)


def _pages(call: str) -> Activity:
    return lambda kernel, cb, pages: f"{call}(cb {cb}, {counted(pages, 'page')}): {filled(kernel, cb)}"


def _semaphore(relation: str) -> Activity:
    def text(kernel: KernelView, address: int, value: int) -> str:
        found = int.from_bytes(kernel.l1[address : address + 4], "little")
        return f"semaphore at L1 0x{address:x} to become {relation}{value}: it is {found}"

    return text


def _mailbox(thread: int) -> str:
    return MAILBOX_NAMES[MailboxThread(thread)]


ACTIVITIES: dict[Wait, Activity] = {
    Wait.CB_PAGES: _pages("cb_wait_front"),
    Wait.CB_SPACE: _pages("cb_reserve_back"),
    Wait.SEMAPHORE_EQUAL: _semaphore(""),
    Wait.SEMAPHORE_AT_LEAST: _semaphore(">= "),
    Wait.YIELD: lambda kernel, a, b: "polling",
    Wait.MAILBOX_WORD: lambda kernel, a, b: (
        f"mailbox_read({_mailbox(a)}ThreadId) in {_mailbox(b)}: nothing was written"
    ),
    Wait.MAILBOX_ROOM: lambda kernel, a, b: f"mailbox_write in {_mailbox(a)}: {MAILBOX_DEPTH} words were not read yet",
    Wait.PRODUCTS: lambda kernel, a, b: "multiplying matrices",
    Wait.SWITCH: lambda kernel, a, b: "running",
}
"""What a kernel that waits does; the compiled part refuses operands that make no sense."""


def filled(kernel: KernelView, cb: int) -> str:
    """Say how many pages of a circular buffer are filled."""
    return f"{_filled(kernel, cb)} of {kernel.pages[cb]} pages are filled"


def _filled(kernel: KernelView, cb: int) -> int:
    return (kernel.registers[2 * cb] - kernel.registers[2 * cb + 1]) & COUNTER_MASK


def user_location(frames: Sequence[Frame]) -> SourceLocation | None:
    """Return the innermost place that is not in the device headers."""
    for frame in frames:
        if frame.location is not None and not frame.location.file.startswith(DEVICE_HEADERS):
            return frame.location
    return None


def _waypoint(kernel: KernelView) -> str:
    """The letters of the last WAYPOINT that the processor passed."""
    raw = bytes(kernel.block[_WAYPOINT : _WAYPOINT + 4]).rstrip(b"\0")
    return raw.decode("ascii", "replace")
