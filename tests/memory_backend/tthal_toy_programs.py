"""Programs for the memory backend, written against the device interface, and ways to run and record them."""

from __future__ import annotations

from collections.abc import Mapping
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
)
from tthal.trace import record
from tthal.types import NOC, NOC_MODE, BufferType, DataFormat, DataMovementProcessor, KernelBuildOptLevel
from tthal_recorder.recording_backend import RecordingBackend

PAGE = 2048
CORE = CoreCoord(0, 0)
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
