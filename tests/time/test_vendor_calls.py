"""The vendor's calls about performance (names and shapes of ttnn 0.81.1), answered by the model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from timed_programs import copy

import tthal as ttnn
from tthal import performance
from tthal_time import session


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    performance._launches.clear()
    session.profiles.clear()
    yield
    performance._launches.clear()
    session.profiles.clear()


def read() -> None:
    with ttnn.open_device(0, backend="emulator:n150") as device:
        ttnn.ReadDeviceProfiler(device)


def test_nobody_measures_nothing() -> None:
    copy("emulator:n150")
    read()
    assert ttnn.get_latest_programs_perf_data() == {}
    assert ttnn.get_all_programs_perf_data() == {}


def test_the_latest_are_those_since_the_last_reading() -> None:
    copy("emulator:n150?time=on")
    assert ttnn.get_latest_programs_perf_data() == {}
    read()
    (first,) = ttnn.get_latest_programs_perf_data()[0]
    copy("emulator:n150?time=on", depth=12)
    read()
    (second,) = ttnn.get_latest_programs_perf_data()[0]
    assert ttnn.get_all_programs_perf_data() == {0: [first, second]}
    for data, profile in zip((first, second), session.profiles, strict=True):
        found = data.program_analyses_results["DEVICE KERNEL DURATION [ns]"]
        assert found.duration == round(profile.nanoseconds)
        assert found.end_timestamp - found.start_timestamp == pytest.approx(profile.cycles, abs=1)
        assert (data.core_count, data.num_available_cores) == (1, 64)
        riscs = {item.thread.label: round(item.finish) for item in profile.threads}
        for risc in ("BRISC", "NCRISC"):
            name = f"DEVICE {risc} KERNEL DURATION [ns]"
            assert data.program_analyses_results[name].duration == riscs[risc]
    assert second.program_execution_uid > first.program_execution_uid
    read()
    assert ttnn.get_latest_programs_perf_data() == {}
