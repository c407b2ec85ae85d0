"""Which rules turn a host program into arguments, where a release changed them.

A recorded trace holds the arguments of its day: who works on what follows from how rectangles of cores are cut. Its
program, run again on the trace, must come to the same ones. So a device says by which rules its programs were made
(``DeviceProperties.host_rules``); the device opened last decides for functions that are given no device.
"""

from __future__ import annotations

import threading
import weakref
from typing import Protocol

FIRST = 1
"""Of trace format 1.0: rectangles joined by rows, every core of a sharded buffer's grid listed in its accessor."""

VENDOR_CUTS = 2
"""Cuts and order of rectangles, and the cores that an accessor lists, as in ttnn 0.81.1."""

CURRENT = VENDOR_CUTS


class _Opened(Protocol):
    @property
    def is_open(self) -> bool: ...


_lock = threading.Lock()
_opened: list[tuple[weakref.ref[_Opened], int]] = []


def opened(device: _Opened, rules: int) -> None:
    """Note that a device was opened; it counts until it is closed or dropped."""
    with _lock:
        _opened[:] = [(other, number) for other, number in _opened if _is_open(other())]
        _opened.append((weakref.ref(device), rules))


def in_force() -> int:
    """Return the rules of the device opened last among those that are open; without any, today's."""
    return next((number for device, number in reversed(_opened) if _is_open(device())), CURRENT)


def _is_open(device: _Opened | None) -> bool:
    return device is not None and device.is_open
