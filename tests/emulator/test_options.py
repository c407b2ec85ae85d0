"""The emulator's options reach the machine."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import tthal as ttnn
from tthal.device_data import Capability
from tthal.errors import SelectionError
from tthal_emulator.noc.transfers import Noc
from tthal_emulator.options import MOST_WORKERS, Options
from tthal_emulator.tensix.operations import Grade

COPY = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const uint32_t page = get_write_ptr(0);
    noc_async_read(get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(0)), page, 1024);
    noc_async_read_barrier();
    noc_async_write(page, get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(1)), 1024);
    noc_async_write_barrier();
}
"""


def copied(selection: str, data: np.ndarray) -> np.ndarray:
    """Copy 1024 bytes through a kernel."""
    core, program = ttnn.CoreCoord(0, 0), ttnn.CreateProgram()
    with ttnn.open_device(backend=selection) as device:
        config = ttnn.InterleavedBufferConfig(device, 1024, 1024, ttnn.BufferType.DRAM)
        source, result = ttnn.CreateBuffer(config), ttnn.CreateBuffer(config)
        scratch = ttnn.CircularBufferConfig(1024, {0: ttnn.DataFormat.UInt32}).set_page_size(0, 1024)
        ttnn.CreateCircularBuffer(program, core, scratch)
        kernel = ttnn.CreateKernelFromString(program, COPY, core)
        ttnn.SetRuntimeArgs(program, kernel, core, [source.address(), result.address()])
        queue = device.command_queue()
        ttnn.EnqueueWriteBuffer(queue, source, data)
        for _ in range(2):
            ttnn.EnqueueProgram(queue, program)
        return ttnn.EnqueueReadBuffer(queue, result).view(np.uint8)


@pytest.mark.parametrize(
    ("selection", "by_python"),
    [("emulator", False), ("emulator?fast=on", False), ("emulator?fast=off", True), ("emulator?math=numpy", True)],
)
def test_fast_says_who_carries_out_transfers(selection: str, by_python: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    handed_over: list[int] = []
    hand_over = Noc.hand_over
    monkeypatch.setattr(Noc, "hand_over", lambda *call: handed_over.append(call[2]) or hand_over(*call))
    threads = threading.active_count()
    data = np.arange(1024, dtype=np.uint32).astype(np.uint8)
    np.testing.assert_array_equal(copied(selection, data), data)
    assert bool(handed_over) is by_python
    assert threading.active_count() == threads


@pytest.mark.parametrize("text", ["fast=maybe", "numerics=exat", "math=nump", "math=numpy&fast=on", "jobs=0", "seed=x"])
def test_what_is_not_understood_shows_the_row(text: str) -> None:
    with pytest.raises(SelectionError, match=r"emulator option .*(It takes|Today:|leave out math)"):
        ttnn.open_device(backend=f"emulator?{text}")


def test_numbers_are_exact_by_default() -> None:
    assert Options().numerics is Grade.EXACT
    with ttnn.open_device() as device:
        assert Capability.EXACT_MATRIX_UNIT in device.properties.capabilities


@pytest.mark.parametrize(
    ("options", "cpus", "workers"),
    [
        (Options(), 1, 0), (Options(), 2, 1), (Options(), 8, 7), (Options(), 500, MOST_WORKERS),
        (Options(jobs=1), 8, 0), (Options(jobs=3), 2, 2), (Options(fast=False), 8, 0),
    ],
)  # fmt: skip
def test_products_have_a_thread_for_each_further_cpu(options: Options, cpus: int, workers: int) -> None:
    assert options.workers(cpus) == workers


@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_workers_end_with_the_device(jobs: int) -> None:
    before = threading.active_count()
    with ttnn.open_device(backend=f"emulator?jobs={jobs}"):
        assert threading.active_count() == before + jobs - 1
    assert threading.active_count() == before
