"""Making a trace's calls again on another device: same addresses, every read compared, refusals."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from tthal_memory import MemoryBackend, MemoryDevice
from tthal_toy_programs import (
    PAGE,
    grand_tour,
    image,
    no_events,
    record_vector_add,
    recording,
    spec,
    state,
    vector_add,
    words,
)

from tthal.coordinates import CoreCoord, CoreRangeSet
from tthal.device_interface import Allocation, BufferSpec, Capability, DeviceProperties
from tthal.errors import LaunchError, SelectionError, Unsupported
from tthal.selection import Selection
from tthal.trace import Trace, record
from tthal.trace.diff import diff
from tthal.trace.elements import EXACT, Tolerance
from tthal.trace.reexecute import Reexecution, layout_differences
from tthal.trace.report import Report
from tthal.trace.schema import Open
from tthal.trace.stand_in import stand_in
from tthal.types import DataFormat


def run(path: Path, tolerance: Tolerance = EXACT, board: str = "", **options: str) -> Report:
    """Re-execute a trace on toy devices."""
    with Trace(path) as trace:
        backend = MemoryBackend()
        return Reexecution(trace, lambda call: backend.open(call.device_id, board, options, no_events), tolerance).run()


def test_equal_reads(recorded: Path, toured: Path) -> None:
    report = run(recorded)
    assert report.ok
    assert [(each.call, each.what, each.size, each.data_format, each.ok) for each in report.reads] == [
        (9, "buffer 3", 2 * PAGE, DataFormat.UInt16, True)
    ]
    assert run(toured).ok
    assert run(toured).equal == 6


def test_reads_that_differ_are_told_and_tolerated(recorded: Path) -> None:
    report = run(recorded, skew="2")
    assert (report.ok, report.equal, report.differing) == (False, 0, 1)
    difference = report.reads[0].difference
    assert difference is not None
    assert (difference.page, difference.element, difference.count, difference.unit) == (0, 0, 2 * PAGE // 2, "element")
    assert run(recorded, Tolerance(absolute=2), skew="2").ok
    assert not run(recorded, Tolerance(absolute=1), skew="2").ok


def test_buffers_lie_where_they_were_even_if_the_device_would_choose_otherwise(recorded: Path) -> None:
    assert run(recorded, gap="8192").ok


class Placed(MemoryDevice):
    """Notes the addresses it gives."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.asked: list[tuple[int | None, int]] = []

    def allocate(self, wanted: BufferSpec) -> Allocation:
        allocation = super().allocate(wanted)
        self.asked.append((wanted.address, allocation.address))
        return allocation


def on(device: MemoryDevice) -> Callable[[Open], MemoryDevice]:
    return lambda call: device


def test_an_address_is_asked_for_only_when_the_devices_own_choice_differs(recorded: Path) -> None:
    addresses = [4096, 8192, 12288]
    with Trace(recorded) as trace:
        same, other = Placed("toy", 0, 0), Placed("toy", 0, 32)
        assert Reexecution(trace, on(same)).run().ok
        assert Reexecution(trace, on(other)).run().ok
    assert same.asked == [(None, address) for address in addresses]
    assert [given for asked, given in other.asked if asked is not None] == addresses
    assert same.live == other.live == {}


class Fixed(MemoryDevice):
    """Takes no addresses."""

    @property
    def properties(self) -> DeviceProperties:
        properties = super().properties
        return replace(properties, capabilities=properties.capabilities - {Capability.EXPLICIT_ADDRESS})


def test_a_device_that_takes_no_addresses_must_choose_the_recorded_ones(recorded: Path) -> None:
    with Trace(recorded) as trace:
        assert Reexecution(trace, on(Fixed("toy", 0, 0))).run().ok
        with pytest.raises(Unsupported, match="call 2 needs a buffer at address 0x1000"):
            Reexecution(trace, on(Fixed("toy", 0, 32))).run()


def test_programs_of_a_trace_are_checked_as_those_of_a_user(tmp_path: Path) -> None:
    """No frontend has seen what stands in a trace; the driver gets only what suits its device."""
    path, outside = tmp_path / "run.tttrace", image()
    kernel = replace(outside.kernels[0], core_ranges=CoreRangeSet(CoreCoord(40, 0)))
    with record(path):
        driver = recording().open(0, "", {}, no_events)
        driver.load(replace(outside, kernels=(kernel,)))
        driver.close()
    (outcome,) = run(path).outcomes
    assert "recorded success, here PlacementError" in outcome
    assert "is placed on cores up to 40-0, but toy has a grid" in outcome


def test_another_layout_is_refused_by_name(recorded: Path) -> None:
    with pytest.raises(Unsupported, match=r"(?s)laid out differently.*board: trace 'toy', device 'other'.*'memory'"):
        run(recorded, board="other")


@pytest.mark.parametrize(
    "change",
    [
        {"compute_grid": CoreCoord(2, 1)},
        {"dram_banks": ()},
        {"l1_banks": (CoreCoord(0, 0),)},
        {"accessor_encoding": 2},
        {"worker_virtual": ((1, 1),) * 4},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_makes_a_layout_different(change: dict[str, object]) -> None:
    properties = MemoryDevice("toy", 0, 0).properties
    assert layout_differences(properties, properties) == []
    assert layout_differences(properties, replace(properties, **change))
    assert layout_differences(properties, replace(properties, num_queues=7, library_versions={})) == []


def failing_at_finish(path: Path, operation: str) -> None:
    """Record a launch and a read of its result, finished one after the other."""
    with record(path):
        driver = recording().open(0, "", {}, no_events)
        buffer = driver.allocate(spec(1))
        driver.write(0, buffer, words(1, 1))
        driver.launch(0, driver.load(image(operation)), state(buffer, buffer, buffer))
        driver.read(0, buffer, memoryview(bytearray(PAGE)))
        with suppress(LaunchError):
            driver.finish(0)
        driver.close()


class Failing(MemoryDevice):
    """Every queue fails."""

    def finish(self, queue: int) -> None:
        raise RuntimeError("the card fell off\nand more")


def test_a_failure_that_was_not_recorded_is_an_outcome(tmp_path: Path) -> None:
    failing_at_finish(tmp_path / "a.tttrace", "add")
    with Trace(tmp_path / "a.tttrace") as trace:
        report = Reexecution(trace, on(Failing("toy", 0, 0))).run()
    assert not report.ok
    assert report.outcomes == [
        "call 7, finish(queue=0, reads=1): recorded success, here RuntimeError: the card fell off"
    ]
    assert report.reads[0].failed == "RuntimeError: the queue failed before the bytes arrived"


def test_a_recorded_failure_that_does_not_happen_is_an_outcome(tmp_path: Path) -> None:
    failing_at_finish(tmp_path / "a.tttrace", "trap")
    assert run(tmp_path / "a.tttrace").ok

    class Fearless(MemoryDevice):
        def finish(self, queue: int) -> None:
            self._queues.pop(queue, None)

    with Trace(tmp_path / "a.tttrace") as trace:
        report = Reexecution(trace, on(Fearless("toy", 0, 0))).run()
    assert [text.split(": ", 1)[1] for text in report.outcomes] == ["recorded KernelError, here success"]


class Full(MemoryDevice):
    """Has no room."""

    def allocate(self, wanted: BufferSpec) -> Allocation:
        raise MemoryError("no room")


def test_after_a_failed_allocation_nothing_more_is_tried(recorded: Path) -> None:
    device = Full("toy", 0, 0)
    with Trace(recorded) as trace:
        report = Reexecution(trace, on(device)).run()
    assert "call 2" in report.stopped
    assert report.calls == 1
    assert device.closed


def test_devices_are_closed_whatever_happens(recorded: Path) -> None:
    device = MemoryDevice("toy", 0, 0)
    with Trace(recorded) as trace:
        Reexecution(trace, on(device)).run()
    assert device.closed


def test_progress_reaches_the_end(recorded: Path) -> None:
    steps: list[tuple[int, int]] = []
    with Trace(recorded) as trace:
        Reexecution(trace, on(MemoryDevice("toy", 0, 0))).run(lambda done, total: steps.append((done, total)))
    assert steps == [(number, 14) for number in range(1, 15)]


def test_a_recorded_re_execution_is_the_same_trace(recorded: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.tttrace"
    with Trace(recorded) as trace, record(again):
        backend = recording()
        assert Reexecution(trace, lambda call: backend.open(call.device_id, "", {}, no_events)).run().ok
    with Trace(recorded) as first, Trace(again) as second:
        assert list(diff(first, second)) == []


# ---------------------------------------------------------------------------------------------- the stand-in


def opened(**changes: object) -> Open:
    values = {
        "device": 1,
        "device_id": 0,
        "backend": "emulator",
        "selection": "emulator:p150?seed=3",
        "argument": "p150",
    }
    options = {"seed": "3", "num_command_queues": "2"}
    return Open(**{**values, "options": options, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("selection", "chosen"),
    [
        ("emulator", "emulator:p150?num_command_queues=2&seed=3"),
        ("emulator:n300", "emulator:n300?num_command_queues=2&seed=3"),
        ("emulator?seed=9", "emulator:p150?seed=9&num_command_queues=2"),
        ("metal", "metal?num_command_queues=2"),
        ("metal?num_command_queues=1", "metal?num_command_queues=1"),
    ],
)
def test_the_stand_in_takes_from_the_trace_what_is_not_said(selection: str, chosen: str) -> None:
    assert str(stand_in(Selection.parse(selection), opened())) == chosen


def test_a_recorded_option_never_comes_twice() -> None:
    with pytest.raises(SelectionError, match="twice"):
        Selection.parse("emulator?seed=1&seed=2")
    assert stand_in(Selection.parse("emulator?seed=3"), opened(options={"seed": "3"})).options == (("seed", "3"),)


def test_tours_of_both_ways_agree(toured: Path, tmp_path: Path) -> None:
    assert grand_tour(MemoryBackend())
    assert record_vector_add(tmp_path / "x.tttrace") == vector_add(MemoryBackend().open(0, "", {}, no_events))
