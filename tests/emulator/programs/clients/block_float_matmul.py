"""bfloat16 times bfloat8_b into float32, split over cores by the host's work split; arguments nested as [x][y]."""

import torch
import ttnn
from common import BYTES, cb, kernel, program, same

READER = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const uint32_t a = get_arg_val<uint32_t>(0), b = get_arg_val<uint32_t>(1), start = get_arg_val<uint32_t>(2);
    const uint32_t count = get_arg_val<uint32_t>(3);
    constexpr uint32_t kt = get_compile_time_arg_val(0), nt = get_compile_time_arg_val(1);
    constexpr auto a_args = TensorAccessorArgs<2>();
    constexpr auto b_args = TensorAccessorArgs<a_args.next_compile_time_args_offset()>();
    const auto as = TensorAccessor(a_args, a, get_tile_size(0));
    const auto bs = TensorAccessor(b_args, b, get_tile_size(1));
    for (uint32_t i = start; i < start + count; i++)
        for (uint32_t k = 0; k < kt; k++) {
            cb_reserve_back(0, 1);
            cb_reserve_back(1, 1);
            noc_async_read_tile(i / nt * kt + k, as, get_write_ptr(0));
            noc_async_read_tile(k * nt + i % nt, bs, get_write_ptr(1));
            noc_async_read_barrier();
            cb_push_back(0, 1);
            cb_push_back(1, 1);
        }
}
"""
COMPUTE = """
#include "compute_kernel_api/matmul.h"
#include "compute_kernel_api/tile_move_copy.h"
namespace NAMESPACE {
void MAIN {
    constexpr uint32_t kt = get_compile_time_arg_val(0);
    const uint32_t count = get_arg_val<uint32_t>(0);
    mm_init(tt::CBIndex::c_0, tt::CBIndex::c_1, tt::CBIndex::c_16);
    for (uint32_t i = 0; i < count; i++) {
        tile_regs_acquire();
        for (uint32_t k = 0; k < kt; k++) {
            cb_wait_front(0, 1);
            cb_wait_front(1, 1);
            matmul_tiles(0, 1, 0, 0, 0);
            cb_pop_front(0, 1);
            cb_pop_front(1, 1);
        }
        tile_regs_commit();
        cb_reserve_back(16, 1);
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
        cb_push_back(16, 1);
    }
}
}
"""
WRITER = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto out = TensorAccessor(args, get_arg_val<uint32_t>(0), get_tile_size(16));
    for (uint32_t i = get_arg_val<uint32_t>(1); i < get_arg_val<uint32_t>(1) + get_arg_val<uint32_t>(2); i++) {
        cb_wait_front(16, 1);
        noc_async_write_tile(i, out, get_read_ptr(16));
        noc_async_write_barrier();
        cb_pop_front(16, 1);
    }
}
"""
device = ttnn.open_device(device_id=0)
torch.manual_seed(3)
m, k, n = 96, 128, 160
a, b = torch.randn(1, 1, m, k).bfloat16(), torch.randn(1, 1, k, n).bfloat16()
ta = ttnn.from_torch(a, ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device, memory_config=ttnn.L1_MEMORY_CONFIG)
tb = ttnn.from_torch(
    b, dtype=ttnn.bfloat8_b, layout=ttnn.TILE_LAYOUT, device=device, memory_config=ttnn.DRAM_MEMORY_CONFIG
)
out = ttnn.empty((1, 1, m, n), dtype=ttnn.float32, layout=ttnn.TILE_LAYOUT, device=device)
mt, kt, nt = m // ttnn.TILE_SIZE, k // 32, n // 32
grid = ttnn.CoreCoord(3, 2)
_, cores, more, fewer, per_more, per_fewer = ttnn.split_work_to_cores(grid, mt * nt, row_wise=True)
reader_rt, compute_rt, writer_rt = ([[[] for _ in range(grid.y)] for _ in range(grid.x)] for _ in range(3))
start = 0
for group, each in ((more, per_more), (fewer, per_fewer)):
    for span in group.ranges():
        for y in range(span.start.y, span.end.y + 1):
            for x in range(span.start.x, span.end.x + 1):
                reader_rt[x][y] = [ta.buffer_address(), tb.buffer_address(), start, each]
                compute_rt[x][y] = [each]
                writer_rt[x][y] = [out.buffer_address(), start, each]
                start += each
assert start == mt * nt
ct = [
    kt,
    nt,
    *ttnn.TensorAccessorArgs(ta).get_compile_time_args(),
    *ttnn.TensorAccessorArgs(tb).get_compile_time_args(),
]
compute = ttnn.ComputeConfigDescriptor()
compute.math_fidelity = ttnn.MathFidelity.HiFi4
compute.fp32_dest_acc_en = True
described = program(
    [
        kernel(READER, cores, ttnn.ReaderConfigDescriptor(), ct, reader_rt),
        kernel(COMPUTE, cores, compute, [kt], compute_rt),
        kernel(
            WRITER,
            cores,
            ttnn.WriterConfigDescriptor(),
            ttnn.TensorAccessorArgs(out).get_compile_time_args(),
            writer_rt,
        ),
    ],
    [cb(0, cores, ttnn.bfloat16, 2), cb(1, cores, ttnn.bfloat8_b, 2), cb(16, cores, ttnn.float32, 2)],
)
assert ttnn.tile_size(ttnn.bfloat8_b) == BYTES[ttnn.bfloat8_b]
got = ttnn.to_torch(ttnn.generic_op([ta, tb, out], described))
same(got, a.float() @ ttnn.to_torch(tb).float(), "a matrix product of block floats", atol=0.02, rtol=0.01)
ttnn.close_device(device)
