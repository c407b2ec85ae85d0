"""A correct program that copies four tiles through a compute kernel, as texts in which tests make mistakes."""

from __future__ import annotations

import numpy as np

import tthal as ttnn

HEAD = '#include "api/dataflow/dataflow_api.h"\n'
COMPUTE_HEAD = """#include "api/compute/compute_kernel_api.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/tile_move_copy.h"
"""
PAGE = 2048
PAGES = 4
READER = """void kernel_main() {
    const InterleavedAddrGen<true> source = {.bank_base_address = get_arg_val<uint32_t>(0), .page_size = 2048};
    for (uint32_t i = 0; i < 4; i++) {
        cb_reserve_back(0, 1);
        noc_async_read(get_noc_addr(i, source), get_write_ptr(0), 2048);
        noc_async_read_barrier();
        cb_push_back(0, 1);
    }
}
"""
WRITER = """void kernel_main() {
    const InterleavedAddrGen<true> result = {.bank_base_address = get_arg_val<uint32_t>(0), .page_size = 2048};
    for (uint32_t i = 0; i < 4; i++) {
        cb_wait_front(16, 1);
        noc_async_write(get_read_ptr(16), get_noc_addr(i, result), 2048);
        noc_async_write_barrier();
        cb_pop_front(16, 1);
    }
}
"""
COMPUTE = """void kernel_main() {
    compute_kernel_hw_startup(0, 16);
    copy_init(0);
    for (int i = 0; i < 4; i++) {
        cb_wait_front(0, 1);
        cb_reserve_back(16, 1);
        tile_regs_acquire();
        copy_tile(0, 0, 0);
        tile_regs_commit();
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
        cb_push_back(16, 1);
        cb_pop_front(0, 1);
    }
}
"""
READ, WRITE, MATH = "reader", "writer", "compute"
BARRIER = "        noc_async_read_barrier();\n"
CORRECT = {READ: READER, WRITE: WRITER, MATH: COMPUTE}


def run(device: ttnn.Device, texts: dict[str, str]) -> bool:
    """Copy four tiles through a compute kernel; tell whether they came."""
    core, program = ttnn.CoreCoord(0, 0), ttnn.CreateProgram()
    config = ttnn.InterleavedBufferConfig(device, PAGES * PAGE, PAGE, ttnn.BufferType.DRAM)
    source, result = ttnn.CreateBuffer(config), ttnn.CreateBuffer(config)
    for index in (0, 16):
        ring = ttnn.CircularBufferConfig(2 * PAGE, {index: ttnn.DataFormat.Float16_b}).set_page_size(index, PAGE)
        ttnn.CreateCircularBuffer(program, core, ring)
    reader = ttnn.CreateKernelFromString(program, HEAD + texts[READ], core, ttnn.ReaderDataMovementConfig())
    writer = ttnn.CreateKernelFromString(program, HEAD + texts[WRITE], core, ttnn.WriterDataMovementConfig())
    ttnn.CreateKernelFromString(program, COMPUTE_HEAD + texts[MATH], core, ttnn.ComputeConfig())
    ttnn.SetRuntimeArgs(program, reader, core, [source.address()])
    ttnn.SetRuntimeArgs(program, writer, core, [result.address()])
    data = np.random.default_rng(1).integers(0x3F80, 0x4000, PAGES * PAGE // 2).astype(np.uint16)
    ttnn.EnqueueWriteBuffer(device.command_queue(), source, data)
    ttnn.EnqueueProgram(device.command_queue(), program)
    return np.array_equal(np.asarray(ttnn.EnqueueReadBuffer(device.command_queue(), result)).view(np.uint16), data)
