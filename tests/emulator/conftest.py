"""What the emulator's tests share: open devices, small programs, and a bench for compute kernels."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

import tthal as ttnn
from tthal_check.settings import Check
from tthal_conformance.compute_bench import ComputeBench, Tensor

sys.path.append(str(Path(__file__).resolve().parent))
from program_bench import Bench

CORE = ttnn.CoreCoord(0, 0)
TILE_BYTES = 2048

MakeProgram = Callable[..., ttnn.Program]


CHECKED = {"ladder", "programs"}
"""Rooms of tests whose kernels are as programs have them: the checks (docs/checks.md) find nothing in them."""


@pytest.fixture(scope="module", autouse=True)
def checks_only_of_programs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests of the machine let kernels do what no program should: there the checks are off unless asked for."""
    with pytest.MonkeyPatch.context() as patch:
        if request.path.parent.name not in CHECKED:
            patch.setattr("tthal_check.settings.DEFAULT", Check.OFF)
        yield


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


# ---- whole programs; the kernels lie in the folder of that name beside a test


@pytest.fixture
def bench(device: ttnn.Device, request: pytest.FixtureRequest) -> Bench:
    """A bench on the module's device."""
    return Bench(device, request.path.parent / "kernels")


@pytest.fixture
def open_bench(request: pytest.FixtureRequest) -> Iterator[Callable[..., Bench]]:
    """Open a device of its own for a bench; closed at the end of the test."""
    with ExitStack() as stack:
        yield lambda backend, **options: Bench(
            stack.enter_context(ttnn.open_device(0, backend=backend, **options)), request.path.parent / "kernels"
        )


@pytest.fixture(params=["emulator", "emulator:p150", "emulator?seed=1", "emulator:p100?seed=2", "emulator?seed=3"])
def any_bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A bench on both chips, and under several orders of events."""
    with ttnn.open_device(0, backend=request.param) as device:
        yield Bench(device, request.path.parent / "kernels")


# ---- compute kernels: pages in, one kernel on one core, pages out


@pytest.fixture(scope="session")
def benches() -> Iterator[Callable[[str], ComputeBench]]:
    """Return a bench on a device of the given selection; devices stay open for the session."""
    with ExitStack() as stack:
        opened: dict[str, ComputeBench] = {}

        def bench(selection: str) -> ComputeBench:
            if selection not in opened:
                opened[selection] = ComputeBench(stack.enter_context(ttnn.open_device(0, backend=selection)))
            return opened[selection]

        yield bench


@pytest.fixture
def tensor() -> type[Tensor]:
    """The class of what goes through a bench."""
    return Tensor
