"""Ctrl-C that comes inside a finalizer is sent again; other failures of finalizers are told as ever."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from tthal.buffer import InterleavedBufferConfig, create_buffer
from tthal.device import open_device
from tthal.interrupts import keep_interrupts
from tthal.types import BufferType

SOON = 30
"""Seconds that a busy machine may need."""


class Interrupted:
    """Gets Ctrl-C while it is collected."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


class Failing:
    def __del__(self) -> None:
        raise ValueError("a finalizer's own")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What reaches the hook that a program has."""
    found: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: found.append(unraisable.exc_value))
    keep_interrupts()
    return found


def dropped_in_a_cycle() -> None:
    one = Interrupted()
    one.itself = one  # type: ignore[attr-defined]
    del one
    gc.collect()


def dropped_by_a_weak_reference() -> None:
    one = Failing.__new__(type("Plain", (), {}))
    kept = weakref.ref(one, lambda _: signal.raise_signal(signal.SIGINT))
    del one
    assert kept() is None


def finalized() -> None:
    one = type("Plain", (), {})()
    weakref.finalize(one, signal.raise_signal, signal.SIGINT)
    del one


@pytest.mark.parametrize("drop", [Interrupted, dropped_in_a_cycle, dropped_by_a_weak_reference, finalized])
def test_ctrl_c_in_a_callback_of_the_collector_is_not_lost(drop: Callable[[], object], told: list[Any]) -> None:
    drop()
    with pytest.raises(KeyboardInterrupt):
        time.sleep(SOON)
    assert told == []


def test_it_wakes_the_main_thread_wherever_it_waits(told: list[Any]) -> None:
    began = time.monotonic()
    Interrupted()
    with pytest.raises(KeyboardInterrupt):
        threading.Event().wait(SOON)
    assert time.monotonic() - began < SOON


def test_other_failures_of_finalizers_are_told_as_ever(told: list[Any]) -> None:
    Failing()
    assert [str(each) for each in told] == ["a finalizer's own"]


def test_without_a_handler_nothing_is_sent(told: list[Any]) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        dropped = type("Raising", (), {"__del__": lambda self: (_ for _ in ()).throw(KeyboardInterrupt)})
        dropped()
        assert [type(each) for each in told] == [KeyboardInterrupt]
    finally:
        signal.signal(signal.SIGINT, before)


def test_opening_a_device_is_enough_and_again_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, null_backend: object
) -> None:
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)
    with open_device(backend="null"):
        hook = sys.unraisablehook
        assert hook is not sys.__unraisablehook__
    with open_device(backend="null"):
        assert sys.unraisablehook is hook


def test_dropping_a_buffer_runs_no_python_code(null_backend: object) -> None:
    """Otherwise Ctrl-C could come in it, and the memory would stay taken."""
    with open_device(backend="null") as device:
        buffer = create_buffer(InterleavedBufferConfig(device, 64, 32, BufferType.DRAM))
        calls: list[str] = []
        sys.setprofile(lambda frame, event, argument: calls.append(frame.f_code.co_name) if event == "call" else None)
        del buffer
        sys.setprofile(None)
    assert calls == []
