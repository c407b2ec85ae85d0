"""Tiles of 16x32: a sum whose circular buffers know the tile, and a tensor that comes back in it."""

import torch
import ttnn
from common import cb, kernel, program, rectangle, same

READER = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr uint32_t bytes = get_compile_time_arg_val(1);
    constexpr auto args = TensorAccessorArgs<2>();
    const auto a = TensorAccessor(args, get_arg_val<uint32_t>(0), bytes);
    const auto b = TensorAccessor(args, get_arg_val<uint32_t>(1), bytes);
    for (uint32_t i = 0; i < get_compile_time_arg_val(0); i++) {
        cb_reserve_back(0, 1);
        cb_reserve_back(1, 1);
        noc_async_read_tile(i, a, get_write_ptr(0));
        noc_async_read_tile(i, b, get_write_ptr(1));
        noc_async_read_barrier();
        cb_push_back(0, 1);
        cb_push_back(1, 1);
    }
}
"""
COMPUTE = """
#include "api/compute/eltwise_binary.h"
void kernel_main() {
    compute_kernel_hw_startup(0, 1, 16);
    sub_tiles_init(0, 1);
    for (uint32_t i = 0; i < get_compile_time_arg_val(0); i++) {
        cb_wait_front(0, 1);
        cb_wait_front(1, 1);
        tile_regs_acquire();
        sub_tiles(0, 1, 0, 0, 0);
        tile_regs_commit();
        cb_reserve_back(16, 1);
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
        cb_push_back(16, 1);
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);
    }
}
"""
WRITER = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr uint32_t bytes = get_compile_time_arg_val(1);
    constexpr auto args = TensorAccessorArgs<2>();
    const auto out = TensorAccessor(args, get_arg_val<uint32_t>(0), bytes);
    for (uint32_t i = 0; i < get_compile_time_arg_val(0); i++) {
        cb_wait_front(16, 1);
        noc_async_write_tile(i, out, get_read_ptr(16));
        noc_async_write_barrier();
        cb_pop_front(16, 1);
    }
}
"""
with ttnn.manage_device(0) as device:
    tile = ttnn.Tile((16, 32))
    assert tile.tile_shape == [16, 32]
    bytes_of = tile.get_tile_size(ttnn.bfloat16)
    torch.manual_seed(4)
    a, b = torch.randn(2, 48, 64).bfloat16(), torch.randn(2, 48, 64).bfloat16()
    ta, tb = (
        ttnn.from_torch(each, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, tile=tile, device=device) for each in (a, b)
    )
    out = ttnn.allocate_tensor_on_device(ta.spec, device)
    tiles = ta.buffer_num_pages()
    assert (tiles, ta.buffer_page_size()) == (2 * 3 * 2, bytes_of)
    cores = rectangle(1, 1, 1, 1)
    known = [tiles, bytes_of]
    described = program(
        [
            kernel(
                READER,
                cores,
                ttnn.ReaderConfigDescriptor(),
                known + ttnn.TensorAccessorArgs(ta).get_compile_time_args(),
                [[ta.buffer_address(), tb.buffer_address()]],
            ),
            kernel(COMPUTE, cores, ttnn.ComputeConfigDescriptor(), [tiles]),
            kernel(
                WRITER,
                cores,
                ttnn.WriterConfigDescriptor(),
                known + ttnn.TensorAccessorArgs(out).get_compile_time_args(),
                [[out.buffer_address()]],
            ),
        ],
        [cb(index, cores, ttnn.bfloat16, 2, bytes_of, tile) for index in (0, 1, 16)],
    )
    got = ttnn.to_torch(ttnn.generic_op([ta, tb, out], described))
    same(got, a.float() - b.float(), "tiles of 16x32", rtol=2**-7)  # two roundings to bfloat16
