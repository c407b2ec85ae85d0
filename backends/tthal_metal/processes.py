"""Starts modules of this package in processes of their own, and looks at processes through /proc."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress


def module_command(module: str) -> list[str]:
    """Return a command that runs a module's ``main`` with this process's import path, arguments to be added.

    The path goes by the command line: in PYTHONPATH it would reach the simulators and compilers started from there.
    """
    code = f"import sys; sys.path[:] = {sys.path!r}; from {module} import main; sys.exit(main(sys.argv[1:]))"
    return [sys.executable, "-c", code]


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and not waited for."""
    numbers = (int(name) for name in os.listdir("/proc") if name.isdecimal())
    return [number for number in numbers if _state_and_parent(number)[1] == pid]


def end_with_children(pid: int) -> None:
    """Kill a process and what it has started; a simulator has a session of its own, so its group is not enough."""
    for each in [*children(pid), pid]:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(each, signal.SIGKILL)


def is_gone(pid: int) -> bool:
    """Whether a process has ended, waited for by its parent or not."""
    return _state_and_parent(pid)[0] in ("Z", "X")


def _state_and_parent(pid: int) -> tuple[str, int]:
    try:
        with open(f"/proc/{pid}/stat", errors="replace") as file:
            # "pid (name) state parent ...": the name may hold anything, the rest follows the last parenthesis.
            state, parent, *_ = file.read().rpartition(")")[2].split()
    except (OSError, ValueError):
        return "X", 0
    return state, int(parent)
