"""What the emulator's tests share: open devices and small programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

import tthal as ttnn

CORE = ttnn.CoreCoord(0, 0)
TILE_BYTES = 2048

MakeProgram = Callable[..., ttnn.Program]


@pytest.fixture(scope="module")
def device() -> Iterator[ttnn.Device]:
    """An n150 that gives up on endless loops early."""
    with ttnn.open_device(0, backend="emulator?watchdog=200000000") as opened:
        yield opened


@pytest.fixture
def run(device: ttnn.Device) -> Callable[[ttnn.Program], None]:
    """Run a program to its end on the module's device."""

    def launch(program: ttnn.Program) -> None:
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)

    return launch


@pytest.fixture
def make_program() -> MakeProgram:
    """Make a program of one kernel from its source."""

    def make(
        source: str,
        *,
        args: Sequence[int] = (),
        config: object = None,
        circular_buffers: Sequence[tuple[int, int]] = (),
        cores: ttnn.CoreCoord | ttnn.CoreRange = CORE,
    ) -> ttnn.Program:
        program = ttnn.CreateProgram()
        for index, pages in circular_buffers:
            buffer = ttnn.CircularBufferConfig(pages * TILE_BYTES, {index: ttnn.DataFormat.Float16_b})
            ttnn.CreateCircularBuffer(program, cores, buffer.set_page_size(index, TILE_BYTES))
        kernel = ttnn.CreateKernelFromString(program, source, cores, config or ttnn.DataMovementConfig())
        if args:
            ttnn.SetRuntimeArgs(program, kernel, cores, list(args))
        return program

    return make
