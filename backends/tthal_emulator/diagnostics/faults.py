"""Errors that name core, processor, kernel file and line, from traps and from processors that cannot go on."""

from __future__ import annotations

from collections.abc import Sequence

from tthal.columns import counted
from tthal.coordinates import CoreCoord
from tthal.errors import DeadlockError, Frame, KernelError, LaunchError, ProcessorState
from tthal.kit.core_groups import grouped, named, with_others
from tthal_emulator.engine import Trap, TrapKind
from tthal_emulator.noc.errors import NocError

from .misuse import KernelMisuse
from .states import activity, user_location, where
from .transfers import transfer_text
from .view import KernelView

SHOWN = 8
"""Processors that a message lists; the error's attribute has them all."""


def kernel_error(kernel: KernelView, trap: Trap) -> KernelError:
    """Turn a trap into the error that the program sees."""
    error = trap.__cause__
    if isinstance(error, NocError) and (asked := kernel.frames_of(error.site)):
        # The transfer is to blame, not the barrier that it met the rule at.
        return _error(kernel, asked, transfer_text(error), _waited(trap.frames, asked))
    return _error(kernel, trap.frames, _reason(trap))


def _error(kernel: KernelView, frames: Sequence[Frame], reason: str, note: str = "") -> KernelError:
    location = user_location(frames)
    place = f" at {location}" if location else ""
    lines = [f"{where(kernel)}{place}: {reason}"]
    lines += [f"    {frame}" for frame in _shown(frames)]
    if note:
        lines.append(f"    {note}")
    return KernelError(
        "\n".join(lines),
        core=kernel.place,
        processor=kernel.risc,
        kernel=kernel.kernel,
        backtrace=tuple(frames),
        location=location,
    )


def _shown(frames: Sequence[Frame]) -> Sequence[Frame]:
    """Leave out the device headers' frames in front of the kernel's own; the error's attribute has them all."""
    own = next((i for i, each in enumerate(frames) if user_location((each,)) is not None), 0)
    return frames[own:]


def _waited(frames: Sequence[Frame], asked: Sequence[Frame]) -> str:
    """Say where the kernel was when the transfer turned out illegal, unless that is the transfer itself."""
    place = user_location(frames)
    return f"noticed at {place}" if place is not None and place != user_location(asked) else ""


def _reason(trap: Trap) -> str:
    if isinstance(trap.__cause__, KernelMisuse):
        return trap.__cause__.text(trap.frames)
    if isinstance(trap.__cause__, NocError):
        return transfer_text(trap.__cause__)
    if trap.kind is TrapKind.HOST_ERROR and trap.__cause__ is not None:
        return str(trap.__cause__)
    if trap.kind is TrapKind.MEMORY_ACCESS and trap.address is not None:
        return f"memory access out of bounds: address 0x{trap.address:x} is {trap.region}"
    return trap.message


def transfer_error(kernel: KernelView, error: NocError) -> KernelError:
    """Make the error for a transfer that turned out illegal after the kernel had gone on."""
    note = "The transfer was still on its way: no barrier waited for it."
    return _error(kernel, kernel.frames_of(error.site), transfer_text(error), note)


def deadlock(states: Sequence[ProcessorState], polls: bool = False) -> DeadlockError:
    """Make the error for processors that all wait, some by polling."""
    groups = grouped((CoreCoord(each.core), str(each)) for each in states)
    several = f"none of the {len(states)} unfinished processors can"
    who = several if len(states) > 1 else "the only unfinished processor cannot"
    lines = [f"deadlock: {who} go on"]
    lines += [f"    {with_others(line, cores)}" for line, cores in groups[:SHOWN]]
    if more := [core for _, cores in groups[SHOWN:] for core in cores]:
        lines.append(f"    … and {len(more)} more on cores {named(more)}; the error's attribute `waiting` has them all")
    lines.append("    Nothing is on its way over the networks that could wake them.")
    if polls:
        lines.append("    A longer computation between two polls is allowed with emulator?watchdog=INSTRUCTIONS.")
    return DeadlockError("\n".join(lines), states)


def never_ends(kernel: KernelView, trap: Trap, others: Sequence[ProcessorState]) -> KernelError:
    """Make the error for a processor that looped while nothing else in the device moved; ``trap`` stopped it.

    Args:
        others: who else is unfinished.
    """
    wait = "waits" if len(others) == 1 else "wait"
    reason = (
        "the kernel does not end: it loops without a call that waits while "
        + (
            f"{counted(len(others), 'other processor')} {wait} for it or for each other"
            if others
            else "everybody else has finished"
        )
        + "; what it polls for never comes. A longer computation is allowed with emulator?watchdog=INSTRUCTIONS"
    )
    if others:
        reason += "\n" + "\n".join(f"    {other}" for other in others[:SHOWN])
    return _error(kernel, trap.frames, reason)


def out_of_time(seconds: float, unfinished: Sequence[KernelView]) -> LaunchError:
    """Make the error for a launch that takes too long."""
    first = unfinished[0]
    return LaunchError(
        f"the launch did not end within {seconds:g} s ({len(unfinished)} processors are "
        f"unfinished, the first: {where(first)}, {activity(first)}); if it is not stuck, "
        "allow more time with emulator?timeout=SECONDS (0 = no limit)"
    )
