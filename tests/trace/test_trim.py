"""Trimmed traces hold what was chosen and all it depends on: they verify, and re-execute with the recorded results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from tthal_memory import MemoryBackend
from tthal_toy_programs import CORE, PAGE, image, no_events, recording, spec, state, words

from tthal.device_interface import Allocation, DeviceDriver
from tthal.errors import InvalidArgument, KernelError, TraceError
from tthal.trace import Trace, record
from tthal.trace.reexecute import Reexecution
from tthal.trace.trim import parse_calls, trim
from tthal.trace.verify import verify


def trimmed(path: Path, **choice: str | bool) -> Path:
    """Trim a trace, check that the result is sound and re-executes alike, and return it."""
    output = path.with_name("trimmed.tttrace")
    with Trace(path) as trace:
        trim(trace, output, overwrite=True, **choice)  # type: ignore[arg-type]
    with Trace(output) as trace:
        assert verify(trace).problems == []
        assert verify(trace).remarks == []
        report = Reexecution(trace, lambda call: MemoryBackend().open(call.device_id, "", {}, no_events)).run()
        assert report.ok, (report.outcomes, report.reads)
    return output


def kept(path: Path, **choice: str | bool) -> list[str]:
    """Trim a trace and return what is left as ``number op``."""
    with Trace(trimmed(path, **choice)) as trace:
        return [f"{call.n} {call.op}" for call in trace.calls()]


class Story:
    """A program under recording that notes the numbers of its calls."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stack = ExitStack()
        self.recording = self._stack.enter_context(record(path))
        self.driver: DeviceDriver = recording().open(0, "", {}, no_events)
        self._stack.callback(self.driver.close)

    def end(self) -> None:
        self._stack.close()

    def did(self, action: Callable[[], object]) -> int:
        action()
        return self.recording.calls

    def buffer(self, seed: int | None = None) -> Allocation:
        allocation = self.driver.allocate(spec(1))
        if seed is not None:
            self.write(allocation, seed)
        return allocation

    def write(self, buffer: Allocation, seed: int) -> int:
        return self.did(lambda: self.driver.write(0, buffer, words(seed, 1)))

    def run(self, operation: str, *buffers: Allocation) -> int:
        loaded = self.driver.load(image(operation))
        return self.did(lambda: self.driver.launch(0, loaded, state(*buffers)))

    def read(self, buffer: Allocation) -> int:
        number = self.did(lambda: self.driver.read(0, buffer, memoryview(bytearray(PAGE))))
        self.driver.finish(0)
        return number


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A program under recording; ``end`` it before reading the trace."""
    told = Story(tmp_path / "story.tttrace")
    yield told
    told.end()


def test_what_a_read_depends_on_is_kept_and_the_rest_dropped(story: Story) -> None:
    a, b, c, other = story.buffer(1), story.buffer(2), story.buffer(), story.buffer(3)
    story.read(other)
    story.run("copy", other, b)
    story.write(b, 4)
    launched = story.run("add", a, b, c)
    story.read(b)
    wanted = story.read(c)
    story.run("xor", a, b, c)
    story.read(c)
    story.end()
    assert kept(story.path, calls=str(wanted)) == [
        *("1 open", "2 allocate", "3 write", "4 allocate", "6 allocate", "10 finish", "13 write", "14 load"),
        *(f"{launched} launch", "17 finish", f"{wanted} read", f"{wanted + 1} finish", "24 close"),
    ]


def test_a_chain_of_launches_is_followed_back(story: Story) -> None:
    a, b, c, d = story.buffer(1), story.buffer(2), story.buffer(), story.buffer()
    launches = [story.run("add", a, b, c), story.run("copy", c, d), story.run("add", d, c, a)]
    wanted = story.read(a)
    story.end()
    left = kept(story.path, calls=str(wanted))
    assert all(f"{number} launch" in left for number in launches)
    assert len([each for each in left if each.endswith("write")]) == 2


def test_a_programs_launches_and_results_are_found_by_kernel_name_and_fingerprint(story: Story) -> None:
    first, second = ([story.buffer(1), story.buffer(2), story.buffer()] for _ in range(2))
    story.run("add", *first)
    added = story.read(first[2])
    story.run("xor", *second)
    xored = story.read(second[2])
    story.end()
    for name in ("xor_kernel", "xor.cpp", image("xor").fingerprint[:8]):
        left = kept(story.path, program=name)
        assert f"{xored} read" in left
        assert f"{added} read" not in left
        assert len([each for each in left if each.endswith("launch")]) == 1


def test_everything_keeps_all_earlier_writes_and_launches(story: Story) -> None:
    a, b, c, other = story.buffer(1), story.buffer(2), story.buffer(), story.buffer(3)
    story.run("add", a, b, c)
    wanted = story.read(other)
    story.end()
    assert not [each for each in kept(story.path, calls=str(wanted)) if each.endswith("launch")]
    left = kept(story.path, calls=str(wanted), everything=True)
    assert len([each for each in left if each.endswith(("launch", "write"))]) == 4


def test_a_raw_read_depends_on_everything_before(story: Story) -> None:
    story.buffer(1)
    story.driver.write_l1(CORE, 64, memoryview(b"abc"))
    wanted = story.did(lambda: story.driver.read_l1(CORE, 64, 3))
    story.end()
    left = kept(story.path, calls=str(wanted))
    assert [each.split()[1] for each in left] == ["open", "allocate", "write", "write_l1", "read_l1", "close"]


def test_buffers_over_each_other_keep_everything(story: Story) -> None:
    a = story.buffer()
    alias = story.driver.allocate(replace(spec(1), address=a.address))
    story.write(alias, 5)
    wanted = story.read(a)
    story.end()
    assert len([each for each in kept(story.path, calls=str(wanted)) if each.endswith("write")]) == 1


def test_a_launch_without_an_address_reaches_every_buffer(story: Story) -> None:
    a, b = story.buffer(1), story.buffer(2)
    loaded = story.driver.load(image("idle"))
    story.driver.launch(0, loaded, state())
    wanted = story.read(b)
    story.end()
    left = kept(story.path, calls=str(wanted))
    assert len([each for each in left if each.endswith("launch")]) == 1
    assert len([each for each in left if each.endswith("write")]) == 2
    assert a.address != b.address


def test_the_launches_of_a_failed_queue_stay_together(story: Story) -> None:
    a, b, c, d = story.buffer(1), story.buffer(2), story.buffer(), story.buffer()
    story.driver.finish(0)
    story.run("copy", c, d)
    story.run("trap", d, d, d)
    wanted = story.write(a, 9)
    with pytest.raises(KernelError):
        story.driver.finish(0)
    story.read(b)
    story.end()
    left = kept(story.path, calls=str(wanted))
    assert len([each for each in left if each.endswith("launch")]) == 2


def test_the_tour_trims_call_by_call(toured: Path) -> None:
    with Trace(toured) as trace:
        numbers = [call.n for call in trace.calls()]
    for number in numbers:
        with Trace(trimmed(toured, calls=str(number))) as trace:
            left = {call.n for call in trace.calls()}
        assert number in left
        assert left <= set(numbers)


def test_a_trimmed_trace_says_what_it_was_cut_from(recorded: Path) -> None:
    with Trace(trimmed(recorded, calls="9")) as trace:
        assert trace.manifest.trimmed is not None
        assert (trace.manifest.trimmed.calls, trace.manifest.trimmed.kept) == (14, "--calls 9")
        assert trace.manifest.devices[0].properties.board == "toy"
    again = trimmed(recorded.with_name("trimmed.tttrace"), calls="5")
    with Trace(again) as trace:
        assert [call.op for call in trace.calls()] == ["open", "allocate", "write", "finish", "free", "close"]


def test_trimming_twice_in_place_of_itself_is_safe(recorded: Path) -> None:
    with Trace(recorded) as trace:
        trim(trace, recorded, calls="9", overwrite=True)
    with Trace(recorded) as trace:
        assert verify(trace).ok


def test_an_existing_output_is_kept(recorded: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.tttrace"
    output.write_text("precious")
    with Trace(recorded) as trace, pytest.raises(TraceError, match="exists"):
        trim(trace, output, calls="9")
    assert output.read_text() == "precious"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("5", {5}),
        ("2-4", {2, 3, 4}),
        ("2..4,9", {2, 3, 4, 9}),
        ("8-", {8, 9, 10}),
        ("-2", {1, 2}),
        (" 3 , 9-99", {3, 9, 10}),
    ],
)
def test_ranges_of_calls(text: str, numbers: set[int]) -> None:
    chosen = parse_calls(text, 10)
    assert {number for number in range(100) if number in chosen} == numbers


def test_a_range_is_as_small_as_it_is_written() -> None:
    chosen = parse_calls("5-,100-9000000000000000", 2**53)
    assert 2**53 in chosen
    assert 4 not in chosen


@pytest.mark.parametrize("text", ["", "x", "1-2-3", "-", "5,,6", "1.5", "99", "7-3"])
def test_what_is_no_range_of_calls_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument):
        parse_calls(text, 10)


def test_choices_that_name_nothing_are_refused(recorded: Path, tmp_path: Path) -> None:
    with Trace(recorded) as trace:
        with pytest.raises(InvalidArgument, match="nothing is chosen"):
            trim(trace, tmp_path / "out.tttrace")
        with pytest.raises(InvalidArgument, match="the kernel or the fingerprint 'nobody'"):
            trim(trace, tmp_path / "out.tttrace", program="nobody")
    assert not (tmp_path / "out.tttrace").exists()
