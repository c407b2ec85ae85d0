"""Cores on which a launch runs no kernel, as targets: what the program or the host has there is legal."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

import tthal as ttnn
from tthal.columns import unfolded
from tthal_check.listener import CheckWarning

SENDER, IDLE, OTHER = ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0), ttnn.CoreCoord(2, 0)
PAGE = 2048
KERNEL = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const uint32_t x = get_arg_val<uint32_t>(0), y = get_arg_val<uint32_t>(1), given = get_arg_val<uint32_t>(2);
    const uint32_t own = get_write_ptr(0);
    (void)given; (void)own;
    auto* words = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(own);
    for (int i = 0; i < 512; i++) words[i] = i;
"""
WRITE = "noc_async_write(own, get_noc_addr(x, y, {}), 64);\nnoc_async_write_barrier();\n"
READ = "noc_async_read(get_noc_addr(x, y, {}), own, 64);\nnoc_async_read_barrier();\n"
INCREMENT = "noc_semaphore_inc(get_noc_addr(x, y, get_semaphore(0)), 1);\nnoc_async_atomic_barrier();\n"
MULTICAST = """noc_async_write_multicast(own, get_noc_multicast_addr(x, y, x, y, {}), 64, 1);
noc_async_write_barrier();
"""
PLACE = 0x60000
"""Somewhere in L1."""


@dataclass(frozen=True)
class Case:
    """What the sender does to a core that runs no kernel; ``id`` is empty where it is right."""

    name: str
    id: str
    text: str
    given: int = 0
    buffer_on: ttnn.CoreCoord | None = None
    ring_on: tuple[ttnn.CoreCoord, ...] = (SENDER,)
    ring_only_there: bool = False
    semaphore_on: tuple[ttnn.CoreCoord, ...] = (SENDER,)
    touched: bool = False


CASES = [
    Case("a write to the firmware", "TT-MEM-006", WRITE.format("0x400")),
    Case("a read of the firmware", "TT-MEM-006", READ.format("0x400")),
    Case("the firmware's zeros", "", READ.format("MEM_ZEROS_BASE")),
    Case("a write to nothing", "TT-MEM-004", WRITE.format(PLACE)),
    Case("a read of nothing", "TT-MEM-004", READ.format(PLACE)),
    Case("memory that the host wrote", "", READ.format(PLACE), touched=True),
    Case("an address of an argument", "", WRITE.format("given"), given=PLACE),
    Case("behind an address of an argument", "", WRITE.format("given + 256"), given=PLACE),
    Case("a buffer", "", WRITE.format("given"), buffer_on=IDLE),
    Case("a buffer of another core", "TT-MEM-004", WRITE.format("given"), buffer_on=OTHER),
    Case("a circular buffer that is not there", "TT-MEM-004", WRITE.format("own")),
    Case("a circular buffer of another idle core", "TT-MEM-004", WRITE.format("own"), ring_on=(SENDER, OTHER)),
    Case("a circular buffer", "", WRITE.format("own"), ring_on=(SENDER, IDLE)),
    Case("past the end of a circular buffer", "TT-MEM-004", WRITE.format("own + 2048"), ring_on=(SENDER, IDLE)),
    Case("a circular buffer that only it has", "", WRITE.format("own"), ring_only_there=True),
    Case("a semaphore that it does not have", "TT-MEM-017", INCREMENT),
    Case("a semaphore of another idle core", "TT-MEM-017", INCREMENT, semaphore_on=(SENDER, OTHER)),
    Case("a semaphore", "", INCREMENT, semaphore_on=(SENDER, IDLE)),
    Case("a multicast", "", MULTICAST.format("own")),
]


@pytest.fixture(params=["default", "full"])
def check(request: pytest.FixtureRequest) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", CheckWarning)
        yield f"check={request.param}"


def ranges(cores: tuple[ttnn.CoreCoord, ...]) -> ttnn.CoreRangeSet:
    return ttnn.CoreRangeSet([ttnn.CoreRange(core, core) for core in cores])


def buffer_on(device: ttnn.Device, core: ttnn.CoreCoord) -> ttnn.Buffer:
    spec = ttnn.ShardSpecBuffer(ranges((core,)), (1, 1024), ttnn.ShardOrientation.ROW_MAJOR, (1, 1024), (1, 1))
    config = ttnn.ShardedBufferConfig(device, PAGE, PAGE, ttnn.BufferType.L1, shard_parameters=spec)
    return ttnn.CreateBuffer(config)


def launch(device: ttnn.Device, case: Case) -> None:
    program = ttnn.CreateProgram()
    for index, cores in enumerate([case.ring_on, *([(IDLE,)] if case.ring_only_there else [])]):
        ring = ttnn.CircularBufferConfig(PAGE, {index: ttnn.DataFormat.UInt32}).set_page_size(index, PAGE)
        ttnn.CreateCircularBuffer(program, ranges(cores), ring)
    ttnn.CreateSemaphore(program, ranges(case.semaphore_on), 0)
    # Kept until the launch is over.
    buffer = buffer_on(device, case.buffer_on) if case.buffer_on is not None else None
    if case.touched:
        ttnn.WriteToDeviceL1(device, IDLE, PLACE, np.zeros(64, np.uint32))
    there = device.worker_core_from_logical_core(IDLE)
    kernel = ttnn.CreateKernelFromString(program, KERNEL + case.text + "}", SENDER, ttnn.WriterDataMovementConfig())
    given = buffer.address() if buffer is not None else case.given
    ttnn.SetRuntimeArgs(program, kernel, SENDER, [there.x, there.y, given])
    ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("board", ["emulator", pytest.param("emulator:p150", marks=pytest.mark.slow)])
def test_cores_without_a_kernel(board: str, check: str, case: Case) -> None:
    with ttnn.open_device(0, backend=f"{board}?{check}") as device:
        if not case.id:
            launch(device, case)
            return
        with pytest.raises(ttnn.KernelError, match=case.id) as caught:
            launch(device, case)
        assert "L1 of core (1,0) (it runs no kernel)" in unfolded(str(caught.value))
