"""Rows to tiles and tiles to rows on the device, with widths that need padding, and float32 beside bfloat16."""

import torch
import ttnn
from common import BYTES, cb, kernel, program, rectangle, same

READ_ROWS = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr uint32_t bytes = get_compile_time_arg_val(0), stick = get_compile_time_arg_val(1);
    constexpr uint32_t wt = get_compile_time_arg_val(2);
    constexpr auto args = TensorAccessorArgs<3>();
    const auto source = TensorAccessor(args, get_arg_val<uint32_t>(0), stick);
    for (uint32_t block = 0; block < get_arg_val<uint32_t>(1); block++) {
        cb_reserve_back(0, wt);
        uint32_t to = get_write_ptr(0);
        for (uint32_t row = block * 32; row < block * 32 + 32; row++, to += bytes)
            noc_async_read(source.get_noc_addr(row), to, stick);
        noc_async_read_barrier();
        cb_push_back(0, wt);
    }
}
"""
TILIZE = """
#include "api/compute/tilize.h"
void kernel_main() {
    constexpr uint32_t wt = get_compile_time_arg_val(0);
    compute_kernel_hw_startup(0, 16);
    tilize_init(0, wt, 16);
    for (uint32_t block = 0; block < get_compile_time_arg_val(1); block++) {
        cb_wait_front(0, wt);
        cb_reserve_back(16, wt);
        tilize_block(0, wt, 16);
        cb_push_back(16, wt);
        cb_pop_front(0, wt);
    }
    tilize_uninit(0, 16);
}
"""
WRITE_TILES = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto out = TensorAccessor(args, get_arg_val<uint32_t>(0), get_tile_size(16));
    for (uint32_t i = 0; i < get_arg_val<uint32_t>(1); i++) {
        cb_wait_front(16, 1);
        noc_async_write_tile(i, out, get_read_ptr(16));
        noc_async_write_barrier();
        cb_pop_front(16, 1);
    }
}
"""
READ_TILES = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto source = TensorAccessor(args, get_arg_val<uint32_t>(0), get_tile_size(0));
    for (uint32_t i = 0; i < get_arg_val<uint32_t>(1); i++) {
        cb_reserve_back(0, 1);
        noc_async_read_tile(i, source, get_write_ptr(0));
        noc_async_read_barrier();
        cb_push_back(0, 1);
    }
}
"""
UNTILIZE = """
#include "api/compute/pack_untilize.h"
void kernel_main() {
    constexpr uint32_t wt = get_compile_time_arg_val(0);
    compute_kernel_hw_startup(0, 16);
    pack_untilize_init<wt>(0, 16);
    for (uint32_t block = 0; block < get_compile_time_arg_val(1); block++) {
        cb_wait_front(0, wt);
        cb_reserve_back(16, wt);
        pack_untilize_block<wt>(0, 1, 16);
        cb_push_back(16, wt);
        cb_pop_front(0, wt);
    }
    pack_untilize_uninit(16);
}
"""
WRITE_ROWS = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr uint32_t bytes = get_compile_time_arg_val(0), stick = get_compile_time_arg_val(1);
    constexpr uint32_t wt = get_compile_time_arg_val(2);
    constexpr auto args = TensorAccessorArgs<3>();
    const auto out = TensorAccessor(args, get_arg_val<uint32_t>(0), stick);
    for (uint32_t block = 0; block < get_arg_val<uint32_t>(1); block++) {
        cb_wait_front(16, wt);
        uint32_t from = get_read_ptr(16);
        for (uint32_t row = block * 32; row < block * 32 + 32; row++, from += bytes)
            noc_async_write(from, out.get_noc_addr(row), stick);
        noc_async_write_barrier();
        cb_pop_front(16, wt);
    }
}
"""


def run(device, dtype, height, width):
    """Tilize and untilize a matrix on one core."""
    torch.manual_seed(width)
    given = torch.randn(1, 1, height, width)
    given = given.bfloat16() if dtype == ttnn.bfloat16 else given
    blocks, wt = height // 32, -(-width // 32)
    rows = ttnn.from_torch(given, dtype=dtype, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)
    tiles = ttnn.zeros([1, 1, height, width], dtype, ttnn.TILE_LAYOUT, device)
    again = ttnn.zeros([1, 1, height, width], dtype, ttnn.ROW_MAJOR_LAYOUT, device)
    cores = rectangle(2, 3, 2, 3)
    cbs = [cb(0, cores, dtype, 2 * wt), cb(16, cores, dtype, 2 * wt)]
    sizes = [BYTES[dtype] // 32 * wt, rows.buffer_page_size(), wt]
    config = ttnn.ComputeConfigDescriptor(fp32_dest_acc_en=dtype == ttnn.float32)
    if dtype == ttnn.float32:
        config.unpack_to_dest_mode = [ttnn.UnpackToDestMode.UnpackToDestFp32]
    accessor = lambda tensor: ttnn.TensorAccessorArgs(tensor).get_compile_time_args()  # noqa: E731
    there = [
        kernel(
            READ_ROWS, cores, ttnn.ReaderConfigDescriptor(), sizes + accessor(rows), [[rows.buffer_address(), blocks]]
        ),
        kernel(TILIZE, cores, config, [wt, blocks]),
        kernel(
            WRITE_TILES, cores, ttnn.WriterConfigDescriptor(), accessor(tiles), [[tiles.buffer_address(), blocks * wt]]
        ),
    ]
    back = [
        kernel(
            READ_TILES, cores, ttnn.ReaderConfigDescriptor(), accessor(tiles), [[tiles.buffer_address(), blocks * wt]]
        ),
        kernel(UNTILIZE, cores, config, [wt, blocks]),
        kernel(
            WRITE_ROWS,
            cores,
            ttnn.WriterConfigDescriptor(),
            sizes + accessor(again),
            [[again.buffer_address(), blocks]],
        ),
    ]
    same(ttnn.to_torch(ttnn.generic_op([rows, tiles], program(there, cbs))), given, f"tiles of {dtype}")
    same(ttnn.to_torch(ttnn.generic_op([tiles, again], program(back, cbs))), given, f"rows of {dtype}")


opened = ttnn.open_device(device_id=0)
run(opened, ttnn.bfloat16, 64, 96)
run(opened, ttnn.float32, 32, 64)
ttnn.close_device(opened)
