// Brings the core's columns of B, block by block, to all cores of its column of the grid; then writes the core's C.
#include "share_blocks.h"

#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    constexpr uint32_t inner = get_compile_time_arg_val(0);
    constexpr uint32_t depth = get_compile_time_arg_val(1);
    constexpr uint32_t rows = get_compile_time_arg_val(2);     // tiles of C for one core, down
    constexpr uint32_t columns = get_compile_time_arg_val(3);  // and across
    constexpr uint32_t width = get_compile_time_arg_val(4);    // tiles of N
    constexpr auto b_args = TensorAccessorArgs<5>();
    constexpr auto c_args = TensorAccessorArgs<b_args.next_compile_time_args_offset()>();
    constexpr uint32_t cb_b = 1, cb_c = 16, ready = 2, valid = 3, blocks = inner / depth;

    const uint32_t first_row = get_arg_val<uint32_t>(2), first_column = get_arg_val<uint32_t>(3);
    const bool sends = get_arg_val<uint32_t>(4);
    const uint32_t tile_bytes = get_tile_size(cb_b);
    if (sends) {
        const auto b = TensorAccessor(b_args, get_arg_val<uint32_t>(0), tile_bytes);
        const Line line{get_arg_val<uint32_t>(5), get_arg_val<uint32_t>(6), get_arg_val<uint32_t>(7),
                        get_arg_val<uint32_t>(8), get_arg_val<uint32_t>(9)};
        send_blocks(cb_b, depth * columns, blocks, line, ready, valid, [&](uint32_t block, uint32_t page) {
            for (uint32_t k = block * depth; k < (block + 1) * depth; k++)
                for (uint32_t column = 0; column < columns; column++, page += tile_bytes)
                    noc_async_read_page(k * width + first_column + column, b, page);
        });
    } else {
        receive_blocks(cb_b, depth * columns, blocks, get_arg_val<uint32_t>(5), get_arg_val<uint32_t>(6), ready, valid);
    }

    const auto c = TensorAccessor(c_args, get_arg_val<uint32_t>(1), tile_bytes);
    cb_wait_front(cb_c, rows * columns);
    uint32_t page = get_read_ptr(cb_c);
    for (uint32_t row = first_row; row < first_row + rows; row++)
        for (uint32_t column = 0; column < columns; column++, page += tile_bytes)
            noc_async_write_page(row * width + first_column + column, c, page);
    noc_async_write_barrier();
    cb_pop_front(cb_c, rows * columns);
}
