"""A trace written by the first version is read, replayed and re-executed for ever, under every Python."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from tthal_memory import MemoryBackend
from tthal_toy_programs import grand_tour, no_events

from tthal import CoreCoord, CoreRange, CoreRangeSet, host_rules, open_device, split_work_to_cores
from tthal.device_interface import EventSink
from tthal.selection import Selection
from tthal.trace import Trace
from tthal.trace.diff import diff
from tthal.trace.fields import all_fields
from tthal.trace.reexecute import Reexecution
from tthal.trace.repair import repair
from tthal.trace.schema import FORMAT_MAJOR, FORMAT_MINOR
from tthal.trace.verify import verify
from tthal_replay.backend import ReplayBackend
from tthal_replay.driver import ReplayDriver

VERSION_1 = Path(__file__).resolve().parent / "data" / "version-1.tttrace"
DIGEST = "6b82d0c4b8fcb269d113db904529ceaa009ff0ab8d5c6af6a5847ff6deb081b1"


FIELDS_1_1 = VERSION_1.with_name("fields-1.1.txt")


def test_the_fields_of_the_format_are_those_of_its_version() -> None:
    """Traces record the structures of the device interface, so a change there is a change of the format.

    If this fails, a field came or went: after an addition raise FORMAT_MINOR, after a removal or a change of meaning
    FORMAT_MAJOR, with a step in tthal/trace/migrations.py; either way add a row to docs/read-a-trace.md and a new list.
    """
    assert (FORMAT_MAJOR, FORMAT_MINOR) == (1, 1)
    # Every call has the same fields below ``error``; one of them stands for all.
    fields = [name for name in all_fields() if ".error." not in name or name.startswith("open.")]
    assert fields == FIELDS_1_1.read_text(encoding="utf-8").split()


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


def test_its_program_makes_its_arguments_by_the_rules_of_its_day(version_1: Path) -> None:
    """Rectangles as tthal 0.1 cut them, while the trace is open; as the vendor does before and after."""
    today = "{[0-0 - 3-7], [4-0 - 4-3]}"
    assert str(split_work_to_cores(CoreCoord(8, 8), 100)[2]) == today
    selection = Selection("replay", str(version_1))
    with open_device(backend=str(selection), num_command_queues=2) as device:
        assert device.properties.host_rules == host_rules.FIRST
        assert str(split_work_to_cores(CoreCoord(8, 8), 100)[2]) == "{[0-0 - 4-3], [0-4 - 3-7]}"
        apart = CoreRangeSet([CoreCoord(3, 0), CoreCoord(0, 1)])
        assert str(apart.merge_ranges()) == "{[3-0 - 3-0], [0-1 - 0-1]}"
        block = CoreRangeSet(CoreRange(CoreCoord(0, 0), CoreCoord(2, 2)))
        assert str(block.subtract(CoreCoord(1, 1))) == "{[0-0 - 2-0], [0-1 - 0-1], [2-1 - 2-1], [0-2 - 2-2]}"
    assert str(split_work_to_cores(CoreCoord(8, 8), 100)[2]) == today


def test_it_re_executes(version_1: Path) -> None:
    with Trace(version_1) as trace:
        report = Reexecution(trace, lambda call: MemoryBackend().open(call.device_id, "", {}, no_events)).run()
    assert (report.ok, report.equal) == (True, 6)


def test_a_recording_of_today_differs_in_the_rules_alone(version_1: Path, toured: Path) -> None:
    with Trace(version_1) as then, Trace(toured) as now:
        fields = {difference.field for each in diff(then, now) for difference in each.found}
    assert fields == {"properties.host_rules"}


def test_its_journal_is_recovered_when_the_end_is_lost(version_1: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.tttrace"
    cut.write_bytes(version_1.read_bytes()[:-500])
    assert repair(cut).calls == 56
