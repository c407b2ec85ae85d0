"""A trace written by the first version is read, replayed and re-executed for ever, under every Python."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from tthal_memory import MemoryBackend
from tthal_toy_programs import grand_tour, no_events

from tthal.device_interface import EventSink
from tthal.trace import Trace
from tthal.trace.diff import diff
from tthal.trace.reexecute import Reexecution
from tthal.trace.repair import repair
from tthal.trace.verify import verify
from tthal_replay.backend import ReplayBackend
from tthal_replay.driver import ReplayDriver

VERSION_1 = Path(__file__).resolve().parent / "data" / "version-1.tttrace"
DIGEST = "672501bcedb12105e66dd0a4853d98adf03aaac459cc72e899f95239020dcec4"


@pytest.fixture
def version_1() -> Path:
    """The trace of the first version, as it was written then."""
    assert hashlib.sha256(VERSION_1.read_bytes()).hexdigest() == DIGEST, "the file of version 1 must never change"
    return VERSION_1


class FirstVersion(ReplayBackend):
    """Replays the file whatever it is asked for."""

    def open(self, device_id: int, argument: str, options: Mapping[str, str], events: EventSink) -> ReplayDriver:
        kept = {key: value for key, value in options.items() if key != "fail"}
        return super().open(device_id, str(VERSION_1), kept, events)


def test_it_is_sound_and_says_what_it_is(version_1: Path) -> None:
    with Trace(version_1) as trace:
        assert verify(trace).problems == []
        manifest = trace.manifest
    assert (str(manifest.format), manifest.tthal, manifest.python, manifest.calls) == ("1.0", "0.1.0", "3.11.7", 56)
    assert [(each.device_id, each.properties.board) for each in manifest.devices] == [
        (0, "toy"),
        (1, "toy"),
        (0, "toy"),
    ]


def test_its_program_replays(version_1: Path) -> None:
    assert grand_tour(FirstVersion()) == grand_tour(MemoryBackend())


def test_it_re_executes(version_1: Path) -> None:
    with Trace(version_1) as trace:
        report = Reexecution(trace, lambda call: MemoryBackend().open(call.device_id, "", {}, no_events)).run()
    assert (report.ok, report.equal) == (True, 6)


def test_a_recording_of_today_differs_in_nothing(version_1: Path, toured: Path) -> None:
    with Trace(version_1) as then, Trace(toured) as now:
        assert list(diff(then, now)) == []


def test_its_journal_is_recovered_when_the_end_is_lost(version_1: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.tttrace"
    cut.write_bytes(version_1.read_bytes()[:-500])
    assert repair(cut).calls == 56
