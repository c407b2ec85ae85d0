"""Programs for the memory backend, written against the device interface, and ways to run and record them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from tthal_memory import MemoryBackend

from tthal.coordinates import CoreCoord, CoreRangeSet
from tthal.device_interface import (
    Allocation,
    Backend,
    BufferSpec,
    CircularBufferFormat,
    CircularBufferImage,
    CircularBufferState,
    DataMovementSettings,
    DeviceDriver,
    Event,
    Header,
    KernelArguments,
    KernelContent,
    KernelImage,
    LaunchState,
    ProgramImage,
    ShardLayout,
)
from tthal.trace import record
from tthal.types import (
    NOC,
    NOC_MODE,
    BufferType,
    DataFormat,
    DataMovementProcessor,
    KernelBuildOptLevel,
    TensorMemoryLayout,
)
from tthal_recorder.recording_backend import RecordingBackend

PAGE = 2048
CORE = CoreCoord(0, 0)
SHARDED = BufferSpec(
    PAGE,
    PAGE,
    BufferType.L1,
    TensorMemoryLayout.HEIGHT_SHARDED,
    ShardLayout((CORE,), (1, 1), (1, 1)),
)
SETTINGS = DataMovementSettings(DataMovementProcessor.RISCV_0, NOC.NOC_0, NOC_MODE.DM_DEDICATED_NOC)


def no_events(event: Event) -> None:
    """Drop an event."""


def spec(pages: int = 2, buffer_type: BufferType = BufferType.DRAM) -> BufferSpec:
    """Return the spec of a buffer of 16-bit tiles."""
    return BufferSpec(pages * PAGE, PAGE, buffer_type)


def words(seed: int, pages: int = 2) -> memoryview:
    """Return reproducible buffer contents."""
    return memoryview(np.random.default_rng(seed).integers(0, 1 << 16, pages * PAGE // 2, np.uint16).tobytes())


def image(operation: str = "add", text: str = "") -> ProgramImage:
    """Return a program of one toy kernel on one core, with a circular buffer of UInt16 tiles."""
    content = KernelContent(
        f"{operation}_kernel",
        f'{operation}\n#include "toy.h"\n{text}',
        (Header("toy.h", "// toy\n"),),
        f"{operation}.cpp",
    )
    kernel = KernelImage(
        content, CoreRangeSet(CORE), KernelBuildOptLevel.O2, data_movement=SETTINGS, runtime_arg_counts=((CORE, 3),)
    )
    buffer = CircularBufferImage(CoreRangeSet(CORE), (CircularBufferFormat(0, DataFormat.UInt16),))
    return ProgramImage((kernel,), (buffer,))


def state(*buffers: Allocation, owned: bool = False) -> LaunchState:
    """Return a launch state whose runtime arguments are the buffers' addresses."""
    arguments = KernelArguments(((CORE, tuple(each.address for each in buffers)),))
    return LaunchState((arguments,), (CircularBufferState(2 * PAGE, ((0, PAGE),)),), buffers if owned else ())


def vector_add(driver: DeviceDriver, operation: str = "add", seed: int = 1) -> bytes:
    """Add two buffers and read the sum back."""
    first, second, result = (driver.allocate(spec()) for _ in range(3))
    driver.write(0, first, words(seed))
    driver.write(0, second, words(seed + 1))
    driver.launch(0, driver.load(image(operation)), state(first, second, result))
    out = bytearray(result.spec.size)
    driver.read(0, result, memoryview(out))
    driver.finish(0)
    for allocation in (first, second, result):
        driver.free(allocation)
    return bytes(out)


def expected_sum(seed: int = 1) -> bytes:
    """Return what ``vector_add`` reads, computed without a device."""
    first, second = (np.frombuffer(words(each), np.uint16) for each in (seed, seed + 1))
    return (first + second).astype(np.uint16).tobytes()


def recording(backend: Backend | None = None, selection: str = "memory") -> RecordingBackend:
    """Return a recorder around a toy backend."""
    return RecordingBackend(backend or MemoryBackend(), selection)


def record_vector_add(path: Path, operation: str = "add", options: Mapping[str, str] | None = None) -> bytes:
    """Record one vector_add on a toy device; return what it read."""
    with record(path):
        driver = recording().open(0, "", options or {}, no_events)
        out = vector_add(driver, operation)
        driver.close()
    return out


def grand_tour(backend: Backend) -> list[object]:
    """Make every kind of call, failing ones too, on two devices and two queues; return what the program saw."""
    seen: list[object] = []
    first = backend.open(0, "", {"num_command_queues": "2"}, no_events)
    second = backend.open(1, "", {}, no_events)
    seen.append(vector_add(first))
    seen.append(_failures(first))
    seen.append(_two_queues(first))
    seen.append(_raw_access(second))
    second.close()
    first.close()
    seen.append(_outcome(lambda: backend.open(0, "", {"fail": "yes"}, no_events)))
    third = backend.open(0, "", {}, no_events)
    seen.append(vector_add(third, "xor"))
    third.close()
    return seen


def _failures(driver: DeviceDriver) -> list[object]:
    buffer = driver.allocate(spec())
    seen: list[object] = [
        _outcome(lambda: driver.allocate(spec(1 << 20))),
        _outcome(lambda: driver.load(image("broken"))),
    ]
    for operation in ("trap", "hang"):
        driver.launch(0, driver.load(image(operation)), state(buffer, buffer, buffer, owned=True))
        seen.append(_outcome(lambda: driver.finish(0)))
    loaded = driver.load(image("copy"))
    seen.append(_outcome(lambda: driver.launch(0, loaded, LaunchState())))
    driver.unload(loaded)
    driver.free(buffer)
    return seen


def _two_queues(driver: DeviceDriver) -> list[bytes]:
    first, second = driver.allocate(spec(1)), driver.allocate(SHARDED)
    driver.write(0, first, words(7, 1))
    driver.write(1, second, words(8, 1))
    outs = [bytearray(PAGE), bytearray(PAGE)]
    driver.read(1, second, memoryview(outs[1]))
    driver.read(0, first, memoryview(outs[0]))
    driver.finish(0)
    driver.finish(1)
    return [bytes(out) for out in outs]


def _raw_access(driver: DeviceDriver) -> list[bytes]:
    driver.write_l1(CoreCoord(1, 1), 64, memoryview(b"raw bytes of L1"))
    driver.write_dram(1, 128, memoryview(b"raw bytes of DRAM"))
    return [driver.read_l1(CoreCoord(1, 1), 64, 15), driver.read_dram(1, 126, 20)]


def _outcome(action: Callable[[], object]) -> tuple[str, str]:
    """Return the class and text of what an action raises."""
    try:
        action()
    except Exception as error:  # noqa: BLE001 - the outcome is what the tests compare
        return type(error).__name__, str(error)
    return "", ""


def record_grand_tour(path: Path) -> list[object]:
    """Record the grand tour; return what the program saw."""
    with record(path):
        return grand_tour(recording())
