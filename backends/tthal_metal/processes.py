"""Looks at other processes through /proc."""

from __future__ import annotations

import os


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and not waited for."""
    numbers = (int(name) for name in os.listdir("/proc") if name.isdecimal())
    return [number for number in numbers if _state_and_parent(number)[1] == pid]


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
