"""Programs that the tests profile: small, and changeable in what a what-if asks for."""

from __future__ import annotations

import numpy as np

import tthal as ttnn

PAGE, PAGES = 2048, 24
READER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto pages = TensorAccessor(args, get_arg_val<uint32_t>(0), 2048);
    DeviceZoneScopedN("read all");
    for (uint32_t page = 0; page < 24; page++) {
        cb_reserve_back(0, 1);
        noc_async_read_tile(page, pages, get_write_ptr(0));
        noc_async_read_barrier();
        cb_push_back(0, 1);
    }
    DeviceTimestampedData("pages read", 0x100000018ull);
}
"""
WRITER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto pages = TensorAccessor(args, get_arg_val<uint32_t>(0), 2048);
    for (uint32_t page = 0; page < 24; page += 4) {
        cb_wait_front(0, 4);
        for (uint32_t i = 0; i < 4; i++) noc_async_write_tile(page + i, pages, get_read_ptr(0) + 2048 * i);
        noc_async_write_barrier();
        cb_pop_front(0, 4);
    }
}
"""
COMPUTE = """#include "api/compute/common.h"
#include "api/compute/compute_kernel_api.h"
#include "api/compute/eltwise_binary_sfpu.h"
#include "api/compute/eltwise_unary/eltwise_unary.h"
#include "api/compute/eltwise_unary/relu.h"
#include "api/compute/tile_move_copy.h"
void kernel_main() {
    init_sfpu(0, 0);
    relu_tile_init();
    tile_regs_acquire();
    CALLS
    tile_regs_commit();
    tile_regs_wait();
    tile_regs_release();
}
"""
PRODUCT = """#include "api/compute/common.h"
#include "api/compute/matmul.h"
void kernel_main() {
    mm_init(0, 1, 16);
    cb_wait_front(0, 1);
    cb_wait_front(1, 1);
    for (uint32_t round = 0; round < 8; round++) {
        tile_regs_acquire();
        for (uint32_t i = 0; i < 8; i++) matmul_tiles(0, 1, 0, 0, 0);
        tile_regs_commit();
        tile_regs_wait();
        cb_reserve_back(16, 1);
        pack_tile(0, 16);
        cb_push_back(16, 1);
        cb_wait_front(16, 1);
        cb_pop_front(16, 1);
        tile_regs_release();
    }
}
"""
FILLER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() { for (uint32_t cb = 0; cb < 2; cb++) { cb_reserve_back(cb, 1); cb_push_back(cb, 1); } }
"""


def copy(backend: str, depth: int = 4, swapped: bool = False) -> None:
    """Copy pages of DRAM through one core, a page at a time in and four at a time out."""
    first, second = (ttnn.NOC.NOC_1, ttnn.NOC.NOC_0) if swapped else (ttnn.NOC.NOC_0, ttnn.NOC.NOC_1)
    with ttnn.open_device(0, backend=backend) as device:
        config = ttnn.InterleavedBufferConfig(
            device=device, size=PAGE * PAGES, page_size=PAGE, buffer_type=ttnn.BufferType.DRAM
        )
        source, target = ttnn.CreateBuffer(config), ttnn.CreateBuffer(config)
        program, core = ttnn.CreateProgram(), ttnn.CoreCoord(3, 2)
        ring = ttnn.CircularBufferConfig(PAGE * depth, {0: ttnn.DataFormat.Float16_b}).set_page_size(0, PAGE)
        ttnn.CreateCircularBuffer(program, core, ring)
        for text, buffer, processor, noc in (
            (READER, source, ttnn.DataMovementProcessor.RISCV_1, first),
            (WRITER, target, ttnn.DataMovementProcessor.RISCV_0, second),
        ):
            words = ttnn.TensorAccessorArgs(buffer).get_compile_time_args()
            moving = ttnn.DataMovementConfig(processor=processor, noc=noc, compile_args=words)
            kernel = ttnn.CreateKernelFromString(program, text, core, moving)
            ttnn.SetRuntimeArgs(program, kernel, core, [buffer.address()])
        ttnn.EnqueueWriteBuffer(
            device.command_queue(), source, np.arange(PAGE * PAGES, dtype=np.uint32).astype(np.uint8)
        )
        ttnn.EnqueueProgram(device.command_queue(), program, True)


def product(backend: str, fidelity: ttnn.MathFidelity) -> None:
    """Multiply the same two tiles 64 times on one core."""
    with ttnn.open_device(0, backend=backend) as device:
        program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
        for index in (0, 1, 16):
            ring = ttnn.CircularBufferConfig(PAGE * 2, {index: ttnn.DataFormat.Float16_b}).set_page_size(index, PAGE)
            ttnn.CreateCircularBuffer(program, core, ring)
        ttnn.CreateKernelFromString(program, FILLER, core, ttnn.ReaderDataMovementConfig())
        ttnn.CreateKernelFromString(program, PRODUCT, core, ttnn.ComputeConfig(math_fidelity=fidelity))
        ttnn.EnqueueProgram(device.command_queue(), program, True)
