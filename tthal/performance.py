"""What programs took on the device: the vendor's calls (ttnn 0.81.1), filled by whoever measures or models launches.

The timing model does (``emulator?time=on``, ``tthal profile``). Where nobody does, the answers are empty, as the
vendor's are without its profiler's variables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from tthal.device import Device

__all__ = ["ReadDeviceProfiler", "get_all_programs_perf_data", "get_latest_programs_perf_data"]

NO_TRACE = 1 << 63
"""What the vendor's uid holds where a program was not part of a trace."""


@dataclass(frozen=True, order=True)
class ProgramExecutionUID:
    """Which launch: ``runtime_id`` counts the launches of a device."""

    runtime_id: int
    trace_id: int = NO_TRACE
    trace_id_counter: int = NO_TRACE


@dataclass(frozen=True)
class ProgramSingleAnalysisResult:
    """Begin and end in cycles of the device's clock, and the duration in ns."""

    start_timestamp: int
    end_timestamp: int
    duration: int


@dataclass(frozen=True)
class ProgramAnalysisData:
    """One launch: results by the vendor's names, such as ``DEVICE KERNEL DURATION [ns]``."""

    program_execution_uid: ProgramExecutionUID
    program_analyses_results: Mapping[str, ProgramSingleAnalysisResult]
    core_count: int
    num_available_cores: int


@dataclass(slots=True)
class _Launches:
    """Of one device: not read yet, read last, read ever."""

    waiting: list[ProgramAnalysisData] = field(default_factory=list)
    latest: list[ProgramAnalysisData] = field(default_factory=list)
    all: list[ProgramAnalysisData] = field(default_factory=list)
    count: int = 0
    cycles: int = 0


_launches: dict[int, _Launches] = defaultdict(_Launches)


def record_launch(
    device_id: int, cycles: float, nanoseconds: Mapping[str, float], core_count: int, available: int
) -> None:
    """Keep what a launch took, until the profiler is read.

    Args:
        cycles: of the device's clock, from the first kernel's begin to the last one's end.
        nanoseconds: durations by the vendor's names.
    """
    device = _launches[device_id]
    device.count += 1
    begin, device.cycles = device.cycles, device.cycles + round(cycles)
    results = {
        name: ProgramSingleAnalysisResult(begin, device.cycles, round(time)) for name, time in nanoseconds.items()
    }
    device.waiting.append(ProgramAnalysisData(ProgramExecutionUID(device.count), results, core_count, available))


def ReadDeviceProfiler(device: Device) -> None:
    """Make what the device's launches took since the last call available.

    Raises:
        ObjectClosed: the device is closed.
    """
    launches = _launches[device.id()]
    launches.latest, launches.waiting = launches.waiting, []
    launches.all += launches.latest


def get_latest_programs_perf_data() -> dict[int, list[ProgramAnalysisData]]:
    """Return the launches that the last :func:`ReadDeviceProfiler` read, by device id."""
    return {number: list(launches.latest) for number, launches in _launches.items() if launches.latest}


def get_all_programs_perf_data() -> dict[int, list[ProgramAnalysisData]]:
    """Return all launches that were read, by device id."""
    return {number: list(launches.all) for number, launches in _launches.items() if launches.all}
