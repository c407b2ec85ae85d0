"""Semaphores: initial values, their renewal at every launch, and signals between cores."""

from __future__ import annotations

import numpy as np

import tthal as ttnn
from tthal_conformance.declaration import program
from tthal_conformance.requirements import DATA_MOVEMENT
from tthal_conformance.run import Run
from tthal_conformance.workbench import CORE, Reporting

HERE = ttnn.CoreRange(CORE, CORE)
RIGHT = ttnn.CoreCoord(1, 0)


def _kernel(work: Reporting, file: str, core: ttnn.CoreCoord, defines: dict[str, str] | None = None) -> int:
    """Add a reporting kernel on one core."""
    config = ttnn.DataMovementConfig(compile_args=work.compile_args, defines=defines or {})
    return ttnn.CreateKernel(work.program, work.run.kernel(file), core, config)


@program("semaphore.initial_values", covers=["CreateSemaphore", "get_semaphore"], needs=DATA_MOVEMENT)
def initial_values(run: Run) -> None:
    """Eight semaphores of a core begin every launch with their initial values."""
    work = Reporting(run)
    values = [int(word) for word in run.words(8)]
    ids = [ttnn.CreateSemaphore(work.program, HERE, value) for value in values]
    run.check_host("ids", ids, list(range(8)))
    work.place_arguments(_kernel(work, "semaphore_values", CORE))
    for launch in ("first", "second", "third"):
        run.check(f"{launch} launch", work.launch()[0, :8], np.array(values, np.uint32))


@program("semaphore.disjoint_cores", covers=["CreateSemaphore"], needs=DATA_MOVEMENT, grid=(2, 1))
def disjoint_cores(run: Run) -> None:
    """Disjoint cores use the same id for different semaphores."""
    work = Reporting(run, ttnn.CoreRange(CORE, RIGHT))
    ids = [
        ttnn.CreateSemaphore(work.program, ttnn.CoreRange(core, core), 40 + place)
        for place, core in enumerate(work.places)
    ]
    run.check_host("ids", ids, [0, 0])
    for page, core in enumerate(work.places):
        kernel = _kernel(work, "semaphore_one", core)
        ttnn.SetRuntimeArgs(work.program, kernel, core, [work.result.address(), page, 0])
    run.check("values", work.launch()[:, 0], np.array([41, 42], np.uint32))


def _raised_by_neighbours(run: Run, file: str, amount: int, defines: dict[str, str]) -> int:
    """Let three cores raise core (0, 0)'s semaphore; return the value it reports."""
    work = Reporting(run)
    everyone = ttnn.CoreRange(CORE, ttnn.CoreCoord(3, 0))
    semaphore = ttnn.CreateSemaphore(work.program, everyone, 5)
    waiting = _kernel(work, file, CORE, defines)
    ttnn.SetRuntimeArgs(work.program, waiting, CORE, [work.result.address(), 0, semaphore, 5 + 3 * amount])
    target = run.device.worker_core_from_logical_core(CORE)
    raisers = ttnn.CoreRange(RIGHT, ttnn.CoreCoord(3, 0))
    raising = ttnn.CreateKernel(work.program, run.kernel("increment_remote"), raisers, ttnn.DataMovementConfig())
    ttnn.SetRuntimeArgs(work.program, raising, raisers, [target.x, target.y, semaphore, amount])
    return int(work.launch()[0, 0])


@program("semaphore.wait", covers=["noc_semaphore_inc", "noc_semaphore_wait"], needs=DATA_MOVEMENT, grid=(4, 1))
def wait(run: Run) -> None:
    """A core waits until others have raised its semaphore to a value; no increment is lost."""
    run.check("value", _raised_by_neighbours(run, "wait_and_report", 7, {}), np.uint32(26))


@program("semaphore.wait_min", covers=["noc_semaphore_inc", "noc_semaphore_wait_min"], needs=DATA_MOVEMENT, grid=(4, 1))
def wait_min(run: Run) -> None:
    """A core waits until its semaphore is at least a value."""
    run.check("value", _raised_by_neighbours(run, "wait_and_report", 9, {"MINIMUM": "1"}), np.uint32(32))


def _pair(run: Run, first: str, second: str, *words: int) -> list[int]:
    """Run one kernel on core (1, 0) that deals with another on core (0, 0), which reports; return its page."""
    work = Reporting(run)
    both = ttnn.CoreRange(CORE, RIGHT)
    config = ttnn.CircularBufferConfig(64, {1: ttnn.DataFormat.UInt32}).set_page_size(1, 64)
    ttnn.CreateCircularBuffer(
        work.program, RIGHT, ttnn.CircularBufferConfig(64, {0: ttnn.DataFormat.UInt32}).set_page_size(0, 64)
    )
    ttnn.CreateCircularBuffer(work.program, both, config)
    ttnn.CreateSemaphore(work.program, both, 0)
    here, there = (run.device.worker_core_from_logical_core(core) for core in (CORE, RIGHT))
    sender = ttnn.CreateKernel(work.program, run.kernel(first), RIGHT, ttnn.DataMovementConfig())
    ttnn.SetRuntimeArgs(work.program, sender, RIGHT, [here.x, here.y, *words])
    receiver = _kernel(work, second, CORE)
    ttnn.SetRuntimeArgs(work.program, receiver, CORE, [work.result.address(), 0, there.x, there.y])
    return [int(word) for word in work.launch()[0]]


@program("noc.write_to_core", covers=["noc_async_write", "get_noc_addr"], needs=DATA_MOVEMENT, grid=(2, 1))
def write_to_core(run: Run) -> None:
    """A core writes into another's L1 and signals it; the data is there when the signal is."""
    page = _pair(run, "send_page", "receive_page", 100)
    run.check("words", page, np.array([100 + i * i for i in range(16)], np.uint32))


@program("noc.read_from_core", covers=["noc_async_read", "get_noc_addr"], needs=DATA_MOVEMENT, grid=(2, 1))
def read_from_core(run: Run) -> None:
    """A core reads from another's L1 when that one has signalled."""
    page = _pair(run, "offer_page", "fetch_page", 300)
    run.check("words", page, np.array([300 + 3 * i for i in range(16)], np.uint32))


@program(
    "noc.object_api_cores",
    covers=["Noc", "Semaphore", "UnicastEndpoint", "CoreLocalMem"],
    needs=DATA_MOVEMENT,
    grid=(2, 1),
)
def object_api_cores(run: Run) -> None:
    """The object API sends a page and a signal to another core as the functions do."""
    page = _pair(run, "object_semaphore", "receive_page", 500)
    run.check("words", page, np.array([500 + i * i for i in range(16)], np.uint32))
