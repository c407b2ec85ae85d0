"""What a program is told when it makes a call that the trace does not hold."""

from __future__ import annotations

from collections.abc import Sequence

from tthal.trace.differences import Difference, describe
from tthal.trace.reader import Trace
from tthal.trace.schema import CallBase

_SHOWN = 8


def explain(
    trace: Trace,
    actual: CallBase,
    nearest: CallBase | None,
    found: Sequence[Difference],
    *,
    expected: CallBase | None = None,
    again: CallBase | None = None,
) -> str:
    """Return the message of a mismatch.

    Args:
        trace: the recording.
        actual: the program's call.
        nearest: the recorded call most like it, None when none is left.
        found: how these two differ.
        expected: the next recorded call, when it is another one.
        again: a recorded call that the program has made already and that equals this one.
    """
    lines = [f"the program's call is not the recorded one ({trace.path})", f"  program:  {describe(actual)}"]
    if expected is not None and expected is not nearest:
        lines.append(f"  expected: call {expected.n}: {describe(expected)}")
    if nearest is None:
        lines.append("  recorded: no further call of this device; the program goes on after the recording's end")
    else:
        lines.append(
            f"  {'nearest: ' if expected is not nearest else 'recorded:'} call {nearest.n}: {describe(nearest)}"
        )
        lines += [f"    {each}" for each in found[:_SHOWN] if each.field != "call"]
    if len(found) > _SHOWN:
        lines.append(f"    and {len(found) - _SHOWN} more fields")
    lines += _reading(nearest, found, expected, again)
    return "\n".join(lines)


def _reading(
    nearest: CallBase | None, found: Sequence[Difference], expected: CallBase | None, again: CallBase | None
) -> list[str]:
    """Say what may have happened."""
    if again is not None:
        return [f"the program has made this call already, as call {again.n}: did it repeat it?"]
    if nearest is not None and expected is not None and nearest is not expected and not found:
        return [f"the program left out what was recorded before call {nearest.n}"]
    return [
        "if the change is meant, record the trace again; to overlook a field, name it: replay:FILE?ignore=… "
        "(`tthal backends` lists the names)"
    ]
