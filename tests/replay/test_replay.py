"""A program against its trace: the same answers, or the first difference explained."""

from __future__ import annotations

import logging
import threading
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from tthal_memory import PROPERTIES, MemoryBackend
from tthal_toy_programs import (
    CORE,
    PAGE,
    expected_sum,
    grand_tour,
    image,
    no_events,
    record_grand_tour,
    record_vector_add,
    recording,
    spec,
    state,
    vector_add,
    words,
)

from tthal.coordinates import CoreCoord
from tthal.device_interface import Allocation, DeviceDriver, EventSink
from tthal.errors import (
    CompileError,
    DeadlockError,
    DeviceError,
    KernelError,
    ReplayMismatch,
    SelectionError,
    TraceFormatError,
)
from tthal.trace import record
from tthal_replay.backend import ReplayBackend
from tthal_replay.driver import ReplayDriver


def replay(path: Path, device_id: int = 0, **options: str) -> ReplayDriver:
    """Open a trace as a device."""
    return ReplayBackend().open(device_id, str(path), options, no_events)


def prepared(driver: DeviceDriver) -> tuple[Allocation, Allocation, Allocation]:
    """Make the calls of vector_add up to the launch."""
    first, second, result = (driver.allocate(spec()) for _ in range(3))
    driver.write(0, first, words(1))
    driver.write(0, second, words(2))
    return first, second, result


class Replayed(ReplayBackend):
    """Replays one file whatever it is asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, device_id: int, argument: str, options: Mapping[str, str], events: EventSink) -> ReplayDriver:
        kept = {key: value for key, value in options.items() if key != "fail"}
        return super().open(device_id, str(self._path), kept, events)


# ---------------------------------------------------------------------------------------------- the same answers


def test_a_program_reads_the_recorded_bytes(recorded: Path) -> None:
    driver = replay(recorded, complete="yes")
    assert vector_add(driver) == expected_sum()
    driver.close()
    driver.close()
    assert driver.unused == []


def test_every_kind_of_call_and_failure_is_answered(tmp_path: Path) -> None:
    seen = record_grand_tour(tmp_path / "tour.tttrace")
    assert grand_tour(Replayed(tmp_path / "tour.tttrace")) == seen


def test_properties_and_addresses_are_the_recorded_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.tttrace"
    with record(path):
        driver = recording().open(0, "", {"gap": "64"}, no_events)
        driver.allocate(spec())
        driver.close()
    again = replay(path)
    assert again.properties == PROPERTIES
    assert again.allocate(spec()) == Allocation(1, 4096 + 64, spec())


def test_recorded_failures_keep_their_attributes(tmp_path: Path) -> None:
    path = tmp_path / "a.tttrace"

    def program(driver: DeviceDriver) -> list[Exception]:
        errors: list[Exception] = []
        buffer = driver.allocate(spec())
        for operation in ("trap", "hang", "broken"):
            try:
                driver.launch(0, driver.load(image(operation)), state(buffer, buffer, buffer))
                driver.finish(0)
            except (KernelError, DeadlockError, CompileError) as error:
                errors.append(error)
        driver.close()
        return errors

    with record(path):
        recorded = program(recording().open(0, "", {}, no_events))
    trap, hang, broken = program(replay(path))
    assert isinstance(trap, KernelError)
    assert (trap.core, trap.file, trap.line, trap.backtrace) == ((0, 0), "trap.cpp", 1, recorded[0].backtrace)  # type: ignore[attr-defined]
    assert isinstance(hang, DeadlockError)
    assert hang.waiting == recorded[1].waiting  # type: ignore[attr-defined]
    assert isinstance(broken, CompileError)
    assert broken.diagnostics == recorded[2].diagnostics  # type: ignore[attr-defined]


def test_a_process_may_run_a_program_many_times(recorded: Path) -> None:
    for _ in range(3):
        driver = replay(recorded, complete="yes")
        assert vector_add(driver) == expected_sum()
        driver.close()


def test_a_program_that_opens_its_device_twice_continues_its_pass(tmp_path: Path) -> None:
    path = tmp_path / "a.tttrace"
    with record(path):
        for operation in ("add", "xor"):
            driver = recording().open(0, "", {}, no_events)
            vector_add(driver, operation)
            driver.close()
    for _ in range(2):
        for operation in ("add", "xor"):
            again = replay(path, complete="yes")
            vector_add(again, operation)
            again.close()


def test_two_devices_may_be_used_in_another_order(tmp_path: Path) -> None:
    path = tmp_path / "a.tttrace"
    with record(path):
        drivers = [recording().open(number, "", {}, no_events) for number in range(2)]
        for driver, operation in zip(drivers, ("add", "xor"), strict=True):
            vector_add(driver, operation)
        for driver in drivers:
            driver.close()
    again = [replay(path, number, complete="yes") for number in (1, 0)]
    results = {}

    def use(number: int, operation: str) -> None:
        results[operation] = vector_add(again[number], operation)

    threads = [threading.Thread(target=use, args=each) for each in ((0, "xor"), (1, "add"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results["add"] == expected_sum()
    assert results["xor"] != expected_sum()
    for each in again:
        each.close()


def test_when_memory_is_freed_does_not_matter(recorded: Path) -> None:
    driver = replay(recorded, complete="yes")
    first, second, result = prepared(driver)
    driver.free(first)
    loaded = driver.load(image())
    driver.launch(0, loaded, state(first, second, result))
    out = bytearray(2 * PAGE)
    driver.free(second)
    driver.read(0, result, memoryview(out))
    driver.unload(loaded)
    driver.finish(0)
    driver.close()
    assert bytes(out) == expected_sum()


def test_waiting_for_an_idle_queue_is_no_program_behaviour(tmp_path: Path) -> None:
    path = tmp_path / "a.tttrace"

    def program(driver: DeviceDriver, when: tuple[bool, bool, bool]) -> None:
        for number, finishes in enumerate(when):
            buffer = driver.allocate(spec(1))
            if finishes:
                driver.finish(0)
            driver.write(0, buffer, words(number, 1))
            driver.finish(0)
            if finishes:
                driver.finish(0)
                driver.finish(1)
        driver.close()

    with record(path):
        program(recording().open(0, "", {}, no_events), (True, False, True))
    program(replay(path, complete="yes"), (False, True, True))
    program(replay(path, complete="yes"), (False, False, False))


def test_a_finish_that_waits_for_something_is_matched(recorded: Path) -> None:
    driver = replay(recorded)
    prepared(driver)
    with pytest.raises(ReplayMismatch, match=r"program:  finish\(queue=0\)\n  expected: call 7: load"):
        driver.finish(0)


def test_an_idle_queue_that_failed_when_recorded_fails_again(tmp_path: Path) -> None:
    class Loose(MemoryBackend):
        def open(self, *arguments: object) -> DeviceDriver:  # type: ignore[override]
            driver = super().open(*arguments)  # type: ignore[arg-type]

            def fall(queue: int) -> None:
                raise DeviceError("the card fell off")

            driver.finish = fall  # type: ignore[method-assign]
            return driver

    path = tmp_path / "a.tttrace"
    with record(path):
        driver = recording(Loose()).open(0, "", {}, no_events)
        with pytest.raises(DeviceError):
            driver.finish(1)
        driver.close()
    again = replay(path, complete="yes")
    again.finish(0)
    with pytest.raises(DeviceError, match="the card fell off"):
        again.finish(1)
    again.close()


def test_a_replay_can_be_recorded_and_replayed_again(recorded: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.tttrace"
    with record(again):
        driver = recording(Replayed(recorded), "replay:run.tttrace").open(0, "", {}, no_events)
        vector_add(driver)
        driver.close()
    assert vector_add(replay(again)) == expected_sum()


# ---------------------------------------------------------------------------------------------- differences


def test_a_changed_runtime_argument_is_named(recorded: Path) -> None:
    driver = replay(recorded)
    first, second, result = prepared(driver)
    loaded = driver.load(image())
    wrong = replace(result, address=second.address)
    with pytest.raises(ReplayMismatch) as caught:
        driver.launch(0, loaded, state(first, second, wrong))
    assert caught.value.call == 8
    assert caught.value.differences == (
        "state.kernels[0] (add_kernel) runtime argument 2 on core 0-0: recorded 12288 (0x3000), got 8192 (0x2000)",
    )
    text = str(caught.value)
    assert str(recorded) in text
    assert "recorded: call 8: launch(queue=0, program=" in text
    driver.launch(0, loaded, state(first, second, result))


def test_changed_data_is_named_by_page_element_and_values(recorded: Path) -> None:
    driver = replay(recorded)
    buffer = driver.allocate(spec())
    for _ in range(2):
        driver.allocate(spec())
    data = bytearray(words(1))
    data[PAGE + 10] ^= 0xFF
    with pytest.raises(ReplayMismatch, match=r"data, page 1, element 5: recorded \d+ \(0x\w{4}\), got \d+ \(0x\w{4}\)"):
        driver.write(0, buffer, memoryview(data))


def test_a_changed_kernel_is_named_by_line(recorded: Path) -> None:
    driver = replay(recorded)
    prepared(driver)
    with pytest.raises(ReplayMismatch, match=r"source: recorded line 3 'the end of the text', got line 3 'int x;'"):
        driver.load(image(text="int x;"))


def test_a_call_left_out_is_recognised(recorded: Path) -> None:
    driver = replay(recorded)
    first, second, result = (driver.allocate(spec()) for _ in range(3))
    driver.write(0, first, words(1))
    with pytest.raises(ReplayMismatch) as caught:
        driver.load(image())
    assert "expected: call 6: write(queue=0, allocation=2" in str(caught.value)
    assert "nearest:  call 7: load(" in str(caught.value)
    assert "the program left out what was recorded before call 7" in str(caught.value)
    assert second.id + 1 == result.id


def test_a_repeated_call_is_recognised(recorded: Path) -> None:
    driver = replay(recorded)
    first, *_ = prepared(driver)
    with pytest.raises(ReplayMismatch, match="has made this call already, as call 5: did it repeat it"):
        driver.write(0, first, words(1))


def test_the_nearest_call_of_several_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "a.tttrace"
    with record(path):
        driver = recording().open(0, "", {}, no_events)
        buffers = [driver.allocate(spec(1)) for _ in range(3)]
        for number, buffer in enumerate(buffers):
            driver.write(number % 2, buffer, words(number, 1))
        driver.close()
    again = replay(path)
    buffers = [again.allocate(spec(1)) for _ in range(3)]
    with pytest.raises(ReplayMismatch) as caught:
        again.write(1, buffers[2], words(2, 1))
    assert caught.value.call == 7
    assert caught.value.differences == ("queue: recorded 0, got 1",)


def test_going_on_after_the_end_is_told(recorded: Path) -> None:
    driver = replay(recorded)
    vector_add(driver)
    with pytest.raises(ReplayMismatch, match="no further call of this device; the program goes on after") as caught:
        driver.read_dram(0, 0, 4)
    assert caught.value.call is None


def test_another_buffer_is_told_by_its_fields(recorded: Path) -> None:
    with pytest.raises(ReplayMismatch, match=r"spec\.size: recorded 4096 \(0x1000\), got 6144 \(0x1800\)"):
        replay(recorded).allocate(spec(3))


def test_a_device_that_was_not_recorded_cannot_be_opened(recorded: Path) -> None:
    with pytest.raises(ReplayMismatch, match=r"opens device 1, which the recording .* does not open"):
        replay(recorded, 1)
    driver = replay(recorded)
    with pytest.raises(ReplayMismatch, match=r"opens device 0, which the recording .* \(again\)"):
        replay(recorded)
    driver.close()


def test_other_device_options_are_told(recorded: Path) -> None:
    with pytest.raises(ReplayMismatch, match=r"options\[num_command_queues\]: recorded nothing, got '2'"):
        replay(recorded, num_command_queues="2")
    replay(recorded, num_command_queues="2", ignore="device-options").close()


# ---------------------------------------------------------------------------------------------- overlooking


def test_ignored_data_may_differ(recorded: Path) -> None:
    assert vector_add(replay(recorded, ignore="data"), seed=9) == expected_sum()


def test_ignored_kernel_source_may_differ(recorded: Path) -> None:
    assert vector_add(replay(recorded, ignore="kernel-source"), "xor") == expected_sum()


def test_ignored_addresses_may_differ(tmp_path: Path) -> None:
    path = tmp_path / "a.tttrace"
    with record(path):
        driver = recording().open(0, "", {}, no_events)
        driver.write_l1(CORE, 64, memoryview(b"abc"))
        driver.close()
    with pytest.raises(ReplayMismatch, match=r"address: recorded 64 \(0x40\), got 96 \(0x60\)"):
        replay(path).write_l1(CORE, 96, memoryview(b"abc"))
    replay(path, ignore="addresses").write_l1(CORE, 96, memoryview(b"abc"))


def test_the_order_between_queues_can_be_ignored(tmp_path: Path) -> None:
    path = tmp_path / "a.tttrace"

    def program(driver: DeviceDriver, order: tuple[int, int]) -> list[bytes]:
        buffers = [driver.allocate(spec(1)) for _ in range(2)]
        outs = [bytearray(PAGE), bytearray(PAGE)]
        for queue in order:
            driver.write(queue, buffers[queue], words(queue, 1))
            driver.read(queue, buffers[queue], memoryview(outs[queue]))
        for queue in order:
            driver.finish(queue)
        driver.close()
        return [bytes(out) for out in outs]

    with record(path):
        seen = program(recording().open(0, "", {}, no_events), (0, 1))
    with pytest.raises(ReplayMismatch):
        program(replay(path), (1, 0))
    assert program(replay(path, ignore="queue-order", complete="yes"), (1, 0)) == seen


def test_options_are_checked(recorded: Path) -> None:
    with pytest.raises(SelectionError, match="Did you mean 'queue-order'"):
        replay(recorded, ignore="queue_order")
    with pytest.raises(SelectionError, match="replay option complete='maybe': there is no such value"):
        replay(recorded, complete="maybe")


# ---------------------------------------------------------------------------------------------- the end


def test_calls_left_over_are_told(recorded: Path, caplog: pytest.LogCaptureFixture) -> None:
    driver = replay(recorded)
    prepared(driver)
    with caplog.at_level(logging.WARNING, "tthal"):
        driver.close()
    assert driver.unused == ["call 7: load", "call 8: launch", "call 9: read", "call 10: finish"]
    assert "the program ended, but 4 recorded calls of its device are left:\n  call 7: load(" in caplog.text


def test_calls_left_over_fail_a_replay_that_must_be_complete(recorded: Path) -> None:
    driver = replay(recorded, complete="yes")
    prepared(driver)
    with pytest.raises(ReplayMismatch, match="4 recorded calls of its device are left") as caught:
        driver.close()
    assert caught.value.call == 7
    driver.close()


def test_after_a_mismatch_the_rest_is_not_complained_about(recorded: Path, caplog: pytest.LogCaptureFixture) -> None:
    driver = replay(recorded, complete="yes")
    with pytest.raises(ReplayMismatch):
        driver.read_dram(0, 0, 4)
    driver.close()
    assert caplog.text == ""


def test_a_driver_that_was_dropped_unclosed_does_not_hold_up_the_next_pass(recorded: Path) -> None:
    replay(recorded).allocate(spec())
    assert vector_add(replay(recorded)) == expected_sum()


# ---------------------------------------------------------------------------------------------- the file


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SelectionError, match=r"cannot open the trace '.*none\.tttrace'"):
        replay(tmp_path / "none.tttrace")
    with pytest.raises(SelectionError, match=r"TTHAL_BACKEND=replay:run\.tttrace"):
        ReplayBackend().open(0, "", {}, no_events)


def test_what_is_no_trace_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.tttrace"
    path.write_text("hello")
    with pytest.raises(TraceFormatError, match=r"x\.tttrace: not a tthal trace"):
        replay(path)


def test_a_trace_recorded_anew_under_the_same_name_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.tttrace"
    record_vector_add(path)
    first = replay(path)
    first.allocate(spec())
    path.unlink()
    record_vector_add(path, "xor")
    driver = replay(path)
    assert vector_add(driver, "xor") == vector_add(MemoryBackend().open(0, "", {}, no_events), "xor")
    driver.close()
    first.close()


def test_a_read_of_another_size_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.tttrace"
    with record(path):
        driver = recording().open(0, "", {}, no_events)
        driver.read_l1(CoreCoord(1, 0), 0, 8)
        driver.close()
    with pytest.raises(ReplayMismatch, match=r"size: recorded 8, got 16 \(0x10\)"):
        replay(path).read_l1(CoreCoord(1, 0), 0, 16)


def test_damage_behind_the_last_call_is_a_warning_when_the_process_ends(
    recorded: Path, tmp_path: Path, run_python: Callable[..., CompletedProcess[str]]
) -> None:
    """A device is never opened, so the end of the process looks for its ``open`` and meets a line that is no call."""
    damaged = tmp_path / "damaged.tttrace"
    with zipfile.ZipFile(recorded) as source, zipfile.ZipFile(damaged, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            is_calls = entry.filename == "calls.jsonl"
            target.writestr(entry.filename, b"garbage\n" * (len(content) // 8) if is_calls else content)
    code = f"from tthal_replay.registry import session; session({str(damaged)!r}, 0, False)"
    done = run_python("-c", code, cwd=tmp_path)
    assert "Traceback" not in done.stderr
    assert "the rest of the trace cannot be read" in done.stderr
