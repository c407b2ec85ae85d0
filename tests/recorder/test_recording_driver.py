"""The recorder changes nothing for the program, and records every call with its result."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tthal_memory import PROPERTIES, MemoryBackend
from tthal_toy_programs import (
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
    words,
)

from tthal.device_interface import DeviceDriver
from tthal.errors import KernelError
from tthal.trace import Trace, record
from tthal.trace.schema import Allocate, CallBase, Finish, Launch, Load, Open, Read, ReadL1, Write
from tthal_recorder.recording_backend import RecordingBackend


def calls_of(path: Path) -> list[CallBase]:
    """Return a trace's calls."""
    with Trace(path) as trace:
        return list(trace.calls())


def open_recorded() -> DeviceDriver:
    """Open a toy device through the recorder."""
    return recording().open(0, "", {}, no_events)


def test_the_recorder_looks_like_its_backend() -> None:
    inner = MemoryBackend()
    outer = RecordingBackend(inner, "memory")
    assert (outer.name, outer.summary, outer.option_help, outer.argument_help, outer.interface_version) == (
        inner.name,
        inner.summary,
        inner.option_help,
        inner.argument_help,
        inner.interface_version,
    )
    assert outer.probe() == inner.probe()
    assert outer.doctor() == inner.doctor()


def test_a_recorded_program_sees_what_an_unrecorded_one_sees(tmp_path: Path) -> None:
    assert record_grand_tour(tmp_path / "a.tttrace") == grand_tour(MemoryBackend())
    assert record_vector_add(tmp_path / "b.tttrace") == expected_sum()


def test_every_call_is_there_in_order_with_its_result(recorded: Path) -> None:
    calls = calls_of(recorded)
    assert [call.n for call in calls] == list(range(1, 15))
    assert [call.op for call in calls] == [
        *("open", "allocate", "allocate", "allocate", "write", "write", "load", "launch", "read", "finish"),
        *("free", "free", "free", "close"),
    ]
    opened, third, write, load, launch, read, finish = (calls[index] for index in (0, 3, 4, 6, 7, 8, 9))
    assert isinstance(opened, Open)
    assert (opened.backend, opened.device_id, opened.device) == ("memory", 0, 1)
    assert third == Allocate(n=4, device=1, spec=spec(), allocation=3, address=4096 + 4 * PAGE)
    digest = hashlib.sha256(words(1)).hexdigest()
    assert write == Write(n=5, device=1, queue=0, allocation=1, data=digest)
    assert load == Load(n=7, device=1, program=image().fingerprint)
    assert isinstance(launch, Launch)
    assert launch.program == image().fingerprint
    assert read == Read(n=9, device=1, queue=0, allocation=3)
    assert isinstance(finish, Finish)
    assert [(each.call, each.data) for each in finish.reads] == [(9, hashlib.sha256(expected_sum()).hexdigest())]


def test_images_states_and_properties_come_back_equal(recorded: Path) -> None:
    with Trace(recorded) as trace:
        assert trace.image(image().fingerprint) == image()
        (launch,) = (call for call in trace.calls() if isinstance(call, Launch))
        addresses = trace.state(launch.state).kernels[0].per_core[0][1]
        (opened,) = (call for call in trace.calls() if isinstance(call, Open))
        assert opened.properties is not None
        assert trace.properties(opened.properties) == PROPERTIES == trace.manifest.devices[0].properties
    assert addresses == (4096, 4096 + 2 * PAGE, 4096 + 4 * PAGE)


def test_failures_are_recorded_with_class_text_and_place(toured: Path) -> None:
    failed = [call for call in calls_of(toured) if call.error is not None]
    assert [(call.op, call.error.kind) for call in failed if call.error] == [
        ("allocate", "OutOfMemory"),
        ("load", "CompileError"),
        ("finish", "KernelError"),
        ("finish", "DeadlockError"),
        ("launch", "PlacementError"),
        ("open", "SelectionError"),
    ]
    kernel = failed[2].error
    assert kernel is not None
    assert (kernel.message, kernel.core, kernel.kernel) == ("an illegal access", (0, 0), "trap_kernel")


def test_data_written_may_change_after_the_call(tmp_path: Path) -> None:
    with record(tmp_path / "a.tttrace"):
        driver = open_recorded()
        buffer = driver.allocate(spec(1))
        data = bytearray(words(1, 1))
        driver.write(0, buffer, memoryview(data))
        data[:] = bytes(PAGE)
        driver.close()
    (write,) = (call for call in calls_of(tmp_path / "a.tttrace") if isinstance(call, Write))
    assert write.data == hashlib.sha256(words(1, 1)).hexdigest()


def test_several_reads_of_one_finish_and_two_queues(tmp_path: Path) -> None:
    with record(tmp_path / "a.tttrace"):
        driver = open_recorded()
        buffers = [driver.allocate(spec(1)) for _ in range(3)]
        outs = [memoryview(bytearray(PAGE)) for _ in range(3)]
        for number, (buffer, out) in enumerate(zip(buffers, outs, strict=True)):
            driver.write(number % 2, buffer, words(number, 1))
            driver.read(number % 2, buffer, out)
        driver.finish(0)
        driver.finish(1)
        driver.close()
    finishes = [call for call in calls_of(tmp_path / "a.tttrace") if isinstance(call, Finish)]
    digests = [hashlib.sha256(words(number, 1)).hexdigest() for number in range(3)]
    assert [[each.data for each in finish.reads] for finish in finishes] == [[digests[0], digests[2]], [digests[1]]]


def test_a_buffer_read_into_twice_holds_only_the_last_read(tmp_path: Path) -> None:
    with record(tmp_path / "a.tttrace"):
        driver = open_recorded()
        first, second = driver.allocate(spec(1)), driver.allocate(spec(1))
        out, other = memoryview(bytearray(2 * PAGE)), memoryview(bytearray(PAGE))
        driver.write(0, first, words(1, 1))
        driver.write(0, second, words(2, 1))
        driver.read(0, first, out[100 : 100 + PAGE])
        driver.read(0, first, other)
        driver.read(0, second, out[:PAGE])
        driver.finish(0)
        driver.close()
    (finish,) = (call for call in calls_of(tmp_path / "a.tttrace") if isinstance(call, Finish))
    kept = [hashlib.sha256(words(number, 1)).hexdigest() for number in (1, 2)]
    assert [each.data for each in finish.reads] == [None, *kept]


def test_reads_of_a_queue_that_failed_are_undefined(tmp_path: Path) -> None:
    with record(tmp_path / "a.tttrace"):
        driver = open_recorded()
        buffer = driver.allocate(spec(1))
        driver.launch(0, driver.load(image("trap")), state(buffer, buffer, buffer))
        driver.read(0, buffer, memoryview(bytearray(PAGE)))
        with pytest.raises(KernelError):
            driver.finish(0)
        driver.close()
    (finish,) = (call for call in calls_of(tmp_path / "a.tttrace") if isinstance(call, Finish))
    assert [(each.call, each.data) for each in finish.reads] == [(5, None)]


def test_closing_twice_is_recorded_once(tmp_path: Path) -> None:
    backend = MemoryBackend()
    with record(tmp_path / "a.tttrace"):
        driver = recording(backend).open(0, "", {}, no_events)
        driver.close()
        driver.close()
    assert [call.op for call in calls_of(tmp_path / "a.tttrace")] == ["open", "close"]
    assert backend.opened[0].closed


def test_an_interrupt_is_no_result(tmp_path: Path) -> None:
    class Interrupted(MemoryBackend):
        def open(self, *arguments: object) -> DeviceDriver:  # type: ignore[override]
            driver = super().open(*arguments)  # type: ignore[arg-type]

            def interrupt(*_: object) -> bytes:
                raise KeyboardInterrupt

            driver.read_l1 = interrupt  # type: ignore[method-assign]
            return driver

    with record(tmp_path / "a.tttrace"):
        driver = recording(Interrupted()).open(0, "", {}, no_events)
        with pytest.raises(KeyboardInterrupt):
            driver.read_l1(image().kernels[0].core_ranges.ranges[0].start, 0, 4)
        driver.close()
    assert not any(isinstance(call, ReadL1) for call in calls_of(tmp_path / "a.tttrace"))
