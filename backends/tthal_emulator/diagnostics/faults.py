"""Errors that name core, processor, kernel file and line, from traps and from processors that cannot go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tthal.errors import DeadlockError, Frame, KernelError, TthalError
from tthal_emulator.engine import Trap, TrapKind
from tthal_emulator.engine import memory_map as at
from tthal_emulator.execution.running import RunningKernel, user_location

from .misuse import KernelMisuse

SHOWN = 8
"""Processors that a message lists; the error's attribute has them all."""


def kernel_error(kernel: RunningKernel, trap: Trap) -> TthalError:
    """Turn a trap into the error that the program sees."""
    return _error(kernel, trap, _reason(kernel, trap))


def _error(kernel: RunningKernel, trap: Trap, reason: str) -> KernelError:
    location = user_location(trap.frames)
    place = f" at {location}" if location else ""
    lines = [f"{kernel.where()}{place}: {reason}"]
    lines += [f"    {frame}" for frame in trap.frames]
    return KernelError(
        "\n".join(lines),
        core=kernel.place,
        processor=kernel.role,
        kernel=kernel.kernel,
        backtrace=trap.frames,
        location=location,
    )


def _reason(kernel: RunningKernel, trap: Trap) -> str:
    if isinstance(trap.__cause__, KernelMisuse):
        return trap.__cause__.text(trap.frames)
    if trap.kind is TrapKind.HOST_ERROR and trap.__cause__ is not None:
        return str(trap.__cause__)
    if trap.kind is TrapKind.MEMORY_ACCESS and trap.address is not None:
        layout = kernel.processor.engine.options.memory_model.private_layout(kernel.processor.slot)
        region = at.describe(trap.address, len(kernel.port.l1), layout)
        return f"memory access out of bounds: address 0x{trap.address:x} is {region}"
    return trap.message


def transfer_error(kernel: RunningKernel, error: Exception) -> KernelError:
    """Make the error for a transfer that turned out illegal after the kernel had gone on."""
    reason = f"{error}\n    The transfer was still on its way: no barrier waited for it, so the line is not known."
    return _error(kernel, Trap(TrapKind.HOST_ERROR, str(error)), reason)


def deadlock(kernels: Sequence[RunningKernel]) -> DeadlockError:
    """Make the error for processors that all wait; this stops them."""
    states = [kernel.state(_stop(kernel)) for kernel in kernels]
    kinds = Counter((state.processor, state.kernel, state.location, state.state) for state in states)
    lines = [f"deadlock: none of the {len(states)} unfinished processors can go on"]
    shown = 0
    for state in states:
        key = (state.processor, state.kernel, state.location, state.state)
        if key not in kinds:
            continue
        if shown == SHOWN:
            lines.append(f"    … and {sum(kinds.values())} more; the error's attribute `waiting` has them all")
            break
        more = kinds.pop(key) - 1
        lines.append(f"    {state}" + (f" (and {more} other cores)" if more else ""))
        shown += 1
    lines.append("    Nothing is on its way over the networks that could wake them.")
    return DeadlockError("\n".join(lines), states)


def never_ends(kernel: RunningKernel, kernels: Sequence[RunningKernel]) -> TthalError:
    """Make the error for a processor that loops while nothing else in the device moves; this stops it."""
    trap = kernel.processor.interrupt("endless loop")
    if trap is None:
        trap = Trap(TrapKind.INTERRUPTED, "endless loop")
    others = [other for other in kernels if other is not kernel]
    reason = (
        "the kernel does not end: it loops without a call while "
        + (f"{len(others)} other processors wait for it or for each other" if others else "everybody else has finished")
        + "; what it polls for never comes. A longer computation is allowed with emulator?watchdog=INSTRUCTIONS"
    )
    if others:
        reason += "\n" + "\n".join(f"    {other.state()}" for other in others[:SHOWN])
    return _error(kernel, trap, reason)


def _stop(kernel: RunningKernel) -> tuple[Frame, ...]:
    trap = kernel.processor.interrupt("deadlock")
    return trap.frames if trap is not None else ()
