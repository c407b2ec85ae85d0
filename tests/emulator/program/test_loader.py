"""What a loaded program keeps from one launch to the next, and whose compile time it reports."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

import tthal as ttnn
from tthal.device_interface import (
    CircularBufferFormat,
    CircularBufferImage,
    CircularBufferState,
    DataMovementSettings,
    Event,
    KernelArguments,
    KernelContent,
    KernelImage,
    LaunchFinished,
    LaunchState,
    ProgramImage,
)
from tthal.errors import PlacementError
from tthal.types import NOC, NOC_MODE, DataFormat, DataMovementProcessor, KernelBuildOptLevel
from tthal_emulator.device import EmulatedDevice
from tthal_emulator.options import Options

CORES = ttnn.CoreRangeSet([ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0))])
SETTINGS = DataMovementSettings(DataMovementProcessor.RISCV_0, NOC.NOC_0, NOC_MODE.DM_DEDICATED_NOC)
PAGE = 2048


def image(source: str) -> ProgramImage:
    content = KernelContent("kernel", source, (), "kernel.cpp")
    kernel = KernelImage(content, CORES, KernelBuildOptLevel.O2, data_movement=SETTINGS)
    buffer = CircularBufferImage(CORES, (CircularBufferFormat(0, DataFormat.Float16_b),))
    return ProgramImage((kernel,), (buffer,))


def state(pages: int) -> LaunchState:
    return LaunchState((KernelArguments(),), (CircularBufferState(pages * PAGE, ((0, PAGE),)),))


@pytest.fixture
def opened() -> Iterator[tuple[EmulatedDevice, list[Event]]]:
    events: list[Event] = []
    device = EmulatedDevice(0, "n150", Options(), events.append)
    yield device, events
    device.close()


def test_launches_of_the_same_circular_buffers_are_prepared_once(opened: tuple[EmulatedDevice, list[Event]]) -> None:
    loaded = opened[0].load(image("void kernel_main() {}"))
    first = loaded.prepare(state(2), None)
    other = loaded.prepare(state(3), None)
    assert other is not first
    assert loaded.prepare(state(2), None) is first
    assert loaded.prepare(state(3), None) is other
    for pages in range(4, 8):
        loaded.prepare(state(pages), None)
    assert loaded.prepare(state(2), None) is not first


def test_clash_with_l1_buffers_is_checked_at_every_launch(opened: tuple[EmulatedDevice, list[Event]]) -> None:
    device = opened[0]
    loaded, base = device.load(image("void kernel_main() {}")), device.properties.l1_base
    first = loaded.prepare(state(2), base + 2 * PAGE)
    with pytest.raises(PlacementError, match="clash"):
        loaded.prepare(state(2), base + PAGE)
    assert loaded.prepare(state(2), None) is first


def test_each_program_reports_the_time_that_it_took_to_compile(
    opened: tuple[EmulatedDevice, list[Event]], monkeypatch: pytest.MonkeyPatch
) -> None:
    device, events = opened
    clock: Callable[[], float] = iter(float(n * n) for n in range(100)).__next__
    monkeypatch.setattr(time, "perf_counter", clock)
    first, second = device.load(image("void kernel_main() {}")), device.load(image("void kernel_main() { ; }"))
    for loaded in (first, second, first):
        device.launch(0, loaded, state(2))
        device.finish(0)
    finished = [event for event in events if isinstance(event, LaunchFinished)]
    assert [event.fingerprint for event in finished] == [first.fingerprint, second.fingerprint, first.fingerprint]
    # The clock's n-th time is n squared, and each program is looked at twice.
    assert [event.compile_seconds for event in finished] == [1, 5, 0]


def test_failed_launch_leaves_the_compile_time_to_the_next(opened: tuple[EmulatedDevice, list[Event]]) -> None:
    device, events = opened
    source = "void kernel_main() { if (*(volatile uint32_t*)0x40000 == 0) __builtin_trap(); }"
    loaded = device.load(image(source))
    device.launch(0, loaded, state(2))
    with pytest.raises(ttnn.KernelError):
        device.finish(0)
    for core in (ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0)):
        device.write_l1(core, 0x40000, memoryview(b"\1\0\0\0"))
    device.launch(0, loaded, state(2))
    device.finish(0)
    (finished,) = (event for event in events if isinstance(event, LaunchFinished))
    assert finished.compile_seconds > 0
