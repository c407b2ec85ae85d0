"""A 512 x 512 x 512 product on 16 cores: each operand tile is read from DRAM once and multicast along a row or column.

The first core of every row of cores reads A's tiles and sends them to the others of the row; the first core of every
column does the same with B's. Receivers say when they have room, senders say when the data has come, by semaphores.
"""

# ruff: noqa: E501 - C++ in strings

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest

import tthal as ttnn
from tthal.tiles import tilize, untilize

SIDE = 512
TILES = SIDE // 32
GRID = 4
BLOCK = TILES // GRID
TILE_BYTES = 2048
BF16 = ml_dtypes.bfloat16

# One step of an operand's distribution, for senders and receivers.
DISTRIBUTION = """
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t BLOCK = get_compile_time_arg_val(0), TILES = get_compile_time_arg_val(1), RECEIVERS = get_compile_time_arg_val(2);

struct Distribution {
    uint32_t cb, sender_x, sender_y, start_x, start_y, end_x, end_y;
    volatile tt_l1_ptr uint32_t *ready, *valid;
    uint32_t ready_address, valid_address;

    Distribution(uint32_t cb, int arg)
        : cb(cb), sender_x(get_arg_val<uint32_t>(arg)), sender_y(get_arg_val<uint32_t>(arg + 1)),
          start_x(get_arg_val<uint32_t>(arg + 2)), start_y(get_arg_val<uint32_t>(arg + 3)),
          end_x(get_arg_val<uint32_t>(arg + 4)), end_y(get_arg_val<uint32_t>(arg + 5)),
          ready_address(get_semaphore(get_arg_val<uint32_t>(arg + 6))),
          valid_address(get_semaphore(get_arg_val<uint32_t>(arg + 7))) {
        ready = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(ready_address);
        valid = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(valid_address);
    }

    // NoC 1 runs the other way round, and so do its rectangles.
    uint64_t everywhere(uint32_t address) const {
        if (noc_index == 0) return get_noc_multicast_addr(start_x, start_y, end_x, end_y, address);
        return get_noc_multicast_addr(end_x, end_y, start_x, start_y, address);
    }

    template <typename Tensor>
    void send(const Tensor& tensor, uint32_t first, uint32_t stride) {
        cb_reserve_back(cb, BLOCK);
        const uint32_t at = get_write_ptr(cb), bytes = get_tile_size(cb);
        for (uint32_t i = 0; i < BLOCK; i++) noc_async_read_tile(first + i * stride, tensor, at + i * bytes);
        noc_async_read_barrier();
        noc_semaphore_wait(ready, RECEIVERS);
        noc_semaphore_set(ready, 0);
        noc_async_write_multicast(at, everywhere(at), BLOCK * bytes, RECEIVERS);
        noc_async_write_barrier();
        noc_semaphore_set(valid, VALID);
        noc_semaphore_set_multicast(valid_address, everywhere(valid_address), RECEIVERS);
        noc_async_write_barrier();
        cb_push_back(cb, BLOCK);
    }

    void receive() {
        cb_reserve_back(cb, BLOCK);
        noc_semaphore_set(valid, INVALID);
        noc_semaphore_inc(get_noc_addr(sender_x, sender_y, ready_address), 1);
        noc_semaphore_wait(valid, VALID);
        cb_push_back(cb, BLOCK);
    }
};
"""

READER = (
    DISTRIBUTION
    + """
void kernel_main() {
    constexpr auto layout = TensorAccessorArgs<3>();
    const auto a = TensorAccessor(layout, get_arg_val<uint32_t>(0), get_tile_size(0));
    const uint32_t row = get_arg_val<uint32_t>(1), sends = get_arg_val<uint32_t>(2);
    Distribution distribution(0, 3);
    for (uint32_t k = 0; k < TILES; k++) {
        if (sends) distribution.send(a, row * TILES + k, TILES);
        else distribution.receive();
    }
}
"""
)

WRITER = (
    DISTRIBUTION
    + """
void kernel_main() {
    constexpr auto b_layout = TensorAccessorArgs<3>();
    constexpr auto c_layout = TensorAccessorArgs<b_layout.next_compile_time_args_offset()>();
    const auto b = TensorAccessor(b_layout, get_arg_val<uint32_t>(0), get_tile_size(1));
    const uint32_t column = get_arg_val<uint32_t>(1), sends = get_arg_val<uint32_t>(2);
    Distribution distribution(1, 3);
    for (uint32_t k = 0; k < TILES; k++) {
        if (sends) distribution.send(b, k * TILES + column, 1);
        else distribution.receive();
    }
    const auto c = TensorAccessor(c_layout, get_arg_val<uint32_t>(11), get_tile_size(16));
    const uint32_t row = get_arg_val<uint32_t>(12), bytes = get_tile_size(16);
    cb_wait_front(16, BLOCK * BLOCK);
    for (uint32_t i = 0; i < BLOCK * BLOCK; i++)
        noc_async_write_tile((row + i / BLOCK) * TILES + column + i % BLOCK, c, get_read_ptr(16) + i * bytes);
    noc_async_write_barrier();
    cb_pop_front(16, BLOCK * BLOCK);
}
"""
)

COMPUTE = """
#include "api/compute/matmul.h"

void kernel_main() {
    constexpr uint32_t BLOCK = get_compile_time_arg_val(0), TILES = get_compile_time_arg_val(1);
    compute_kernel_hw_startup<SrcOrder::Reverse>(0, 1, 16);
    matmul_block_init(0, 1, 0, BLOCK, BLOCK, 1);
    tile_regs_acquire();
    for (uint32_t k = 0; k < TILES; k++) {
        cb_wait_front(0, BLOCK);
        cb_wait_front(1, BLOCK);
        matmul_block(0, 1, 0, 0, 0, 0, BLOCK, BLOCK, 1);
        cb_pop_front(0, BLOCK);
        cb_pop_front(1, BLOCK);
    }
    tile_regs_commit();
    cb_reserve_back(16, BLOCK * BLOCK);
    tile_regs_wait();
    pack_block(0, 16, BLOCK * BLOCK);
    tile_regs_release();
    cb_push_back(16, BLOCK * BLOCK);
}
"""


def create_buffer(device: ttnn.Device) -> ttnn.Buffer:
    size = SIDE * SIDE * 2
    return ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, size, TILE_BYTES, ttnn.BufferType.DRAM))


def virtual(device: ttnn.Device, x: int, y: int) -> tuple[int, int]:
    core = device.worker_core_from_logical_core(ttnn.CoreCoord(x, y))
    return core.x, core.y


def create_program(device: ttnn.Device, a: ttnn.Buffer, b: ttnn.Buffer, c: ttnn.Buffer) -> ttnn.Program:
    cores = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(GRID - 1, GRID - 1))
    program = ttnn.CreateProgram()
    for index, pages in ((0, 2 * BLOCK), (1, 2 * BLOCK), (16, BLOCK * BLOCK)):
        config = ttnn.CircularBufferConfig(pages * TILE_BYTES, {index: ttnn.DataFormat.Float16_b})
        ttnn.CreateCircularBuffer(program, cores, config.set_page_size(index, TILE_BYTES))
    semaphores = [ttnn.CreateSemaphore(program, cores, 0) for _ in range(4)]
    layout = ttnn.TensorAccessorArgs(a).get_compile_time_args()
    common = [BLOCK, TILES, GRID - 1]
    reader = ttnn.CreateKernelFromString(program, READER, cores, ttnn.ReaderDataMovementConfig([*common, *layout]))
    writer = ttnn.CreateKernelFromString(
        program, WRITER, cores, ttnn.WriterDataMovementConfig([*common, *layout, *layout])
    )
    compute = ttnn.ComputeConfig(dst_full_sync_en=True, compile_args=[BLOCK, TILES])
    ttnn.CreateKernelFromString(program, COMPUTE, cores, compute)
    for core in cores:
        x, y = core.x, core.y
        row, column = y * BLOCK, x * BLOCK
        along_row = [*virtual(device, 0, y), *virtual(device, 1, y), *virtual(device, GRID - 1, y), *semaphores[:2]]
        along_column = [*virtual(device, x, 0), *virtual(device, x, 1), *virtual(device, x, GRID - 1), *semaphores[2:]]
        ttnn.SetRuntimeArgs(program, reader, core, [a.address(), row, int(x == 0), *along_row])
        ttnn.SetRuntimeArgs(program, writer, core, [b.address(), column, int(y == 0), *along_column, c.address(), row])
    return program


@pytest.mark.parametrize(
    "selection", ["emulator", "emulator:p150?jobs=3", "emulator?seed=5&jobs=4", "emulator?numerics=fast&jobs=3"]
)
def test_product(selection: str, benches: Callable[[str], Any]) -> None:
    device = benches(selection).device
    queue = device.command_queue()
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((SIDE, SIDE), np.float32).astype(BF16) for _ in range(2))
    buffers = [create_buffer(device) for _ in range(3)]
    ttnn.EnqueueWriteBuffer(queue, buffers[0], tilize(a))
    ttnn.EnqueueWriteBuffer(queue, buffers[1], tilize(b))
    ttnn.EnqueueProgram(queue, create_program(device, *buffers), blocking=True)
    data = np.frombuffer(bytes(ttnn.EnqueueReadBuffer(queue, buffers[2])), BF16)
    got = untilize(data, (SIDE, SIDE)).astype(np.float64)
    for buffer in buffers:
        ttnn.DeallocateBuffer(buffer)

    x, y = a.astype(np.float64), b.astype(np.float64)
    # DST is rounded to bfloat16, 2^-8 of the partial sum: after each of the 32 steps of k, in the exact grade after each
    # instruction of such a step, two halves of k in four phases. Operands are cut to 2^-10.
    roundings = 1 if "fast" in selection else 8
    allowed = 2.0**-10 * (np.abs(x) @ np.abs(y))
    partial = np.zeros((SIDE, SIDE))
    for k in range(0, SIDE, 32):
        partial += x[:, k : k + 32] @ y[k : k + 32]
        allowed += roundings * 2.0**-8 * np.abs(partial)
    assert np.all(np.abs(got - partial) <= allowed)
    assert np.linalg.norm(got - partial) <= 0.02 * np.sqrt(roundings) * np.linalg.norm(partial)
