"""Matrix products that another thread does: same bytes, same errors, nothing left behind."""

from __future__ import annotations

import threading

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal.tiles import tilize, untilize

GRID = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(3, 1))
DEPTH = 6
"""Products of one output tile."""
READER = """
void kernel_main() {
    constexpr auto a_args = TensorAccessorArgs<0>();
    constexpr auto b_args = TensorAccessorArgs<a_args.next_compile_time_args_offset()>();
    const auto a = TensorAccessor(a_args, get_arg_val<uint32_t>(0), 2048);
    const auto b = TensorAccessor(b_args, get_arg_val<uint32_t>(1), 2048);
    for (uint32_t i = 0; i < get_arg_val<uint32_t>(2); i++) {
        cb_reserve_back(0, 1);
        cb_reserve_back(1, 1);
        noc_async_read_tile(i, a, get_write_ptr(0));
        noc_async_read_tile(i, b, get_write_ptr(1));
        noc_async_read_barrier();
        cb_push_back(0, 1);
        cb_push_back(1, 1);
    }
}"""
COMPUTE = """
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/matmul.h"
void kernel_main() {
    compute_kernel_hw_startup<SrcOrder::Reverse>(0, 1, 16);
    matmul_init(0, 1);
    tile_regs_acquire();
    for (uint32_t k = 0; k < get_arg_val<uint32_t>(0); k++) {
        cb_wait_front(0, 1);
        cb_wait_front(1, 1);
        matmul_tiles(0, 1, 0, 0, 0);
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);
    }
    FINALLY
    tile_regs_commit();
    tile_regs_wait();
    cb_reserve_back(16, 1);
    pack_tile(0, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}"""
WRITER = """
void kernel_main() {
    constexpr auto c_args = TensorAccessorArgs<0>();
    const auto c = TensorAccessor(c_args, get_arg_val<uint32_t>(0), 2048);
    cb_wait_front(16, 1);
    noc_async_write_tile(get_arg_val<uint32_t>(1), c, get_read_ptr(16));
    noc_async_write_barrier();
    cb_pop_front(16, 1);
}"""


def create_buffer(device: ttnn.Device, tiles: int) -> ttnn.Buffer:
    return ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, tiles * 2048, 2048, ttnn.BufferType.DRAM))


def product_program(buffers: list[ttnn.Buffer], finally_: str = "") -> ttnn.Program:
    """Each core adds up DEPTH products and writes its tile."""
    program = ttnn.CreateProgram()
    for index in 0, 1, 16:
        config = ttnn.CircularBufferConfig(2 * 2048, {index: ttnn.DataFormat.Float16_b})
        ttnn.CreateCircularBuffer(program, GRID, config.set_page_size(index, 2048))
    words = [ttnn.TensorAccessorArgs(buffer).get_compile_time_args() for buffer in buffers]
    reader = ttnn.CreateKernelFromString(program, READER, GRID, ttnn.ReaderDataMovementConfig([*words[0], *words[1]]))
    compute = ttnn.CreateKernelFromString(program, COMPUTE.replace("FINALLY", finally_), GRID, ttnn.ComputeConfig())
    writer = ttnn.CreateKernelFromString(program, WRITER, GRID, ttnn.WriterDataMovementConfig(words[2]))
    ttnn.SetRuntimeArgs(program, reader, GRID, [buffers[0].address(), buffers[1].address(), DEPTH])
    ttnn.SetRuntimeArgs(program, compute, GRID, [DEPTH])
    for place, core in enumerate(GRID):
        ttnn.SetRuntimeArgs(program, writer, core, [buffers[2].address(), place])
    return program


def random_operands(seed: int) -> list[npt.NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    return [rng.integers(-1, 2, (DEPTH, 32, 32)).astype(ml_dtypes.bfloat16).astype(np.float32) for _ in range(2)]


def run_and_check(device: ttnn.Device, seed: int) -> None:
    """Sums of small integers, which a 16-bit DST holds exactly."""
    operands = random_operands(seed)
    buffers = [create_buffer(device, DEPTH), create_buffer(device, DEPTH), create_buffer(device, GRID.size())]
    queue = device.command_queue()
    for buffer, tiles in zip(buffers, operands, strict=False):
        data = np.concatenate([tilize(tile.astype(ml_dtypes.bfloat16)).reshape(-1) for tile in tiles])
        ttnn.EnqueueWriteBuffer(queue, buffer, data)
    expected = sum(a @ b for a, b in zip(*operands, strict=True)).astype(ml_dtypes.bfloat16)
    program = product_program(buffers)
    for _ in range(3):
        ttnn.EnqueueProgram(queue, program, blocking=True)
        got = np.asarray(ttnn.EnqueueReadBuffer(queue, buffers[2])).view(ml_dtypes.bfloat16).reshape(GRID.size(), -1)
        for tile in got:
            np.testing.assert_array_equal(untilize(tile, (32, 32)), expected)
    for buffer in buffers:
        ttnn.DeallocateBuffer(buffer)


@pytest.mark.parametrize("options", ["", "?jobs=1", "?seed=5", "?memory=shared"])
def test_products_arrive_before_their_tile_is_packed(options: str) -> None:
    with ttnn.open_device(0, backend=f"emulator{options}") as device:
        for seed in range(3):
            run_and_check(device, seed)


def test_kernel_that_fails_leaves_no_products_behind() -> None:
    with ttnn.open_device(0, backend="emulator") as device:
        buffers = [create_buffer(device, DEPTH), create_buffer(device, DEPTH), create_buffer(device, GRID.size())]
        program = product_program(buffers, "*(volatile uint32_t*)0x10 = 1;")
        for seed in range(3):
            with pytest.raises(ttnn.KernelError, match="null page"):
                ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
            run_and_check(device, seed)


def test_devices_in_two_threads() -> None:
    failures: list[BaseException] = []

    def work(device_id: int) -> None:
        try:
            with ttnn.open_device(device_id, backend="emulator") as device:
                for seed in range(5):
                    run_and_check(device, seed + 10 * device_id)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work, args=(device_id,)) for device_id in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_closing_a_device_ends_its_thread() -> None:
    before = threading.active_count()
    with ttnn.open_device(0, backend="emulator") as device:
        run_and_check(device, 1)
    assert threading.active_count() == before
