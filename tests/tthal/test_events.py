from __future__ import annotations

import io
import sys
import time

import pytest

from tthal.coordinates import CoreCoord
from tthal.device_interface import Event, KernelPrint, Progress
from tthal.events import EventHub


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_kernel_print_goes_to_its_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "tthal.dprint"):
        EventHub()(KernelPrint(3, CoreCoord(1, 2), "BRISC", "x = 3"))
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("tthal.dprint", "device 3 core 1-2 BRISC: x = 3")
    ]


def test_a_failing_subscriber_is_logged_once_and_left_out(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Event] = []

    def broken(event: Event) -> None:
        raise ValueError("no")

    hub = EventHub([broken, heard.append])
    for _ in range(3):
        hub(Event(0))
    assert heard == [Event(0)] * 3
    assert len(caplog.records) == 1
    assert "an event subscriber failed" in caplog.text


class TestProgress:
    @pytest.fixture
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        now = [100.0]
        monkeypatch.setattr(time, "monotonic", lambda: now[0])
        return now

    def run(self, hub: EventHub, clock: list[float], seconds_per_step: float) -> None:
        for done in range(4):
            hub(Progress(0, "compiling kernels", done, 4))
            clock[0] += seconds_per_step

    def test_slow_work_shows_on_a_terminal_and_leaves(
        self, clock: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        hub = EventHub()
        self.run(hub, clock, 1.0)
        assert "compiling kernels" in terminal.getvalue()
        hub(Progress(0, "compiling kernels", 4, 4))
        length = len(terminal.getvalue())
        hub.settle()
        assert len(terminal.getvalue()) == length

    def test_settling_takes_a_bar_down_that_never_got_to_its_end(
        self, clock: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        hub = EventHub()
        self.run(hub, clock, 1.0)
        shown = len(terminal.getvalue())
        hub.settle()
        assert len(terminal.getvalue()) > shown

    @pytest.mark.parametrize(
        ("stream", "seconds"), [(Terminal, 0.01), (io.StringIO, 1.0)], ids=["quick", "no terminal"]
    )
    def test_otherwise_it_is_quiet(
        self, clock: list[float], monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO], seconds: float
    ) -> None:
        error = stream()
        monkeypatch.setattr(sys, "stderr", error)
        hub = EventHub()
        self.run(hub, clock, seconds)
        hub.settle()
        assert error.getvalue() == ""
