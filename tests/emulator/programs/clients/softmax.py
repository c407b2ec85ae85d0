"""Rows of exponentials over their sums: reductions, broadcasts and the vector unit in one kernel."""

import torch
import ttnn
from common import cb, kernel, program, same

READER = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr uint32_t wt = get_compile_time_arg_val(0);
    constexpr auto args = TensorAccessorArgs<1>();
    const auto source = TensorAccessor(args, get_arg_val<uint32_t>(0), get_tile_size(0));
    cb_reserve_back(2, 1);
    volatile tt_l1_ptr uint32_t* scaler = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(2));
    for (uint32_t i = 0; i < 512; i++) scaler[i] = i % 128 < 8 ? 0x3F803F80 : 0;
    cb_push_back(2, 1);
    for (uint32_t row = get_arg_val<uint32_t>(1); row < get_arg_val<uint32_t>(1) + get_arg_val<uint32_t>(2); row++) {
        cb_reserve_back(0, wt);
        for (uint32_t i = 0; i < wt; i++)
            noc_async_read_tile(row * wt + i, source, get_write_ptr(0) + i * get_tile_size(0));
        noc_async_read_barrier();
        cb_push_back(0, wt);
    }
}
"""
COMPUTE = """
#include "api/compute/common.h"
#include "api/compute/bcast.h"
#include "api/compute/reduce.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/eltwise_unary/exp.h"
#include "api/compute/eltwise_unary/recip.h"
constexpr uint32_t in = 0, scaler = 2, most = 24, exps = 25, inverse = 26, out = 16;
template <PoolType pool>
void reduce_row(uint32_t from, uint32_t to, uint32_t wt) {
    cb_wait_front(from, wt);
    cb_reserve_back(to, 1);
    tile_regs_acquire();
    reduce_init<pool, ReduceDim::REDUCE_ROW>(from, scaler, to);
    for (uint32_t i = 0; i < wt; i++) reduce_tile<pool, ReduceDim::REDUCE_ROW>(from, scaler, i, 0, 0);
    reduce_uninit();
    if (pool == PoolType::SUM) {
        recip_tile_init();
        recip_tile(0);
    }
    tile_regs_commit();
    tile_regs_wait();
    pack_tile(0, to);
    tile_regs_release();
    cb_push_back(to, 1);
}
void kernel_main() {
    constexpr uint32_t wt = get_compile_time_arg_val(0);
    compute_kernel_hw_startup(in, scaler, out);
    cb_wait_front(scaler, 1);
    for (uint32_t row = 0; row < get_arg_val<uint32_t>(0); row++) {
        reduce_row<PoolType::MAX>(in, most, wt);
        cb_wait_front(most, 1);
        cb_reserve_back(exps, wt);
        for (uint32_t i = 0; i < wt; i++) {
            tile_regs_acquire();
            sub_bcast_cols_init_short(in, most);
            sub_tiles_bcast_cols(in, most, i, 0, 0);
            exp_tile_init();
            exp_tile(0);
            tile_regs_commit();
            tile_regs_wait();
            pack_tile(0, exps);
            tile_regs_release();
        }
        cb_push_back(exps, wt);
        cb_pop_front(most, 1);
        cb_pop_front(in, wt);
        reduce_row<PoolType::SUM>(exps, inverse, wt);
        cb_wait_front(inverse, 1);
        for (uint32_t i = 0; i < wt; i++) {
            cb_reserve_back(out, 1);
            tile_regs_acquire();
            mul_bcast_cols_init_short(exps, inverse);
            mul_tiles_bcast_cols(exps, inverse, i, 0, 0);
            tile_regs_commit();
            tile_regs_wait();
            pack_tile(0, out);
            tile_regs_release();
            cb_push_back(out, 1);
        }
        cb_pop_front(exps, wt);
        cb_pop_front(inverse, 1);
    }
}
"""
WRITER = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto out = TensorAccessor(args, get_arg_val<uint32_t>(0), get_tile_size(16));
    for (uint32_t i = get_arg_val<uint32_t>(1); i < get_arg_val<uint32_t>(2); i++) {
        cb_wait_front(16, 1);
        noc_async_write_tile(i, out, get_read_ptr(16));
        noc_async_write_barrier();
        cb_pop_front(16, 1);
    }
}
"""
device = ttnn.open_device(device_id=0)
torch.manual_seed(6)
heads, rows, columns = 2, 64, 96
given = (torch.randn(1, heads, rows, columns) * 2).bfloat16()
source = ttnn.from_torch(given, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
out = ttnn.empty_like(source)
wt, blocks = columns // 32, heads * rows // 32
grid = device.compute_with_storage_grid_size()
cores = ttnn.num_cores_to_corerangeset(blocks, ttnn.CoreCoord(int(grid.x), int(grid.y)), row_wise=True)
reader, compute, writer = ttnn.RuntimeArgs(), ttnn.RuntimeArgs(), ttnn.RuntimeArgs()
for block in range(blocks):
    y, x = divmod(block, grid.x)
    reader[x][y] = [source.buffer_address(), block, 1]
    compute[x][y] = [1]
    writer.append(ttnn.CoreCoord(x, y), [out.buffer_address(), block * wt, (block + 1) * wt])
accessor = list(ttnn.TensorAccessorArgs(source).get_compile_time_args())
assert list(ttnn.TensorAccessorArgs(source).get_common_runtime_args()) == []
config = ttnn.ComputeConfigDescriptor(
    math_fidelity=ttnn.MathFidelity.HiFi4, math_approx_mode=False, fp32_dest_acc_en=True, dst_full_sync_en=False
)
described = program(
    [
        kernel(READER, cores, ttnn.ReaderConfigDescriptor(), [wt, *accessor], reader),
        kernel(COMPUTE, cores, config, [wt], compute),
        kernel(WRITER, cores, ttnn.WriterConfigDescriptor(), accessor, writer),
    ],
    [
        *(cb(index, cores, ttnn.bfloat16, wt) for index in (0, 25)),
        *(cb(index, cores, ttnn.bfloat16, 1) for index in (2, 24, 26)),
        cb(16, cores, ttnn.bfloat16, 2),
    ],
)
described.custom_program_hash = hash(("softmax", wt, blocks)) & 0xFFFFFFFFFFFFFFFF
got = ttnn.to_torch(ttnn.generic_op([source, out], described))
same(got, torch.softmax(given.float(), -1), "softmax", atol=0.01, rtol=0.03)
ttnn.close_device(device)
