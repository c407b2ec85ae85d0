// Brings the core's rows of A, block by block, to all cores of its row of the grid.
#include "share_blocks.h"

#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    constexpr uint32_t inner = get_compile_time_arg_val(0);  // tiles of K
    constexpr uint32_t depth = get_compile_time_arg_val(1);  // tiles of K in a block
    constexpr uint32_t rows = get_compile_time_arg_val(2);   // tiles of M for one core
    constexpr auto a_args = TensorAccessorArgs<3>();
    constexpr uint32_t cb_a = 0, ready = 0, valid = 1, blocks = inner / depth;

    const uint32_t first_row = get_arg_val<uint32_t>(1);
    const bool sends = get_arg_val<uint32_t>(2);
    if (sends) {
        const uint32_t tile_bytes = get_tile_size(cb_a);
        const auto a = TensorAccessor(a_args, get_arg_val<uint32_t>(0), tile_bytes);
        const Line line{get_arg_val<uint32_t>(3), get_arg_val<uint32_t>(4), get_arg_val<uint32_t>(5),
                        get_arg_val<uint32_t>(6), get_arg_val<uint32_t>(7)};
        send_blocks(cb_a, rows * depth, blocks, line, ready, valid, [&](uint32_t block, uint32_t page) {
            for (uint32_t row = first_row; row < first_row + rows; row++)
                for (uint32_t k = block * depth; k < (block + 1) * depth; k++, page += tile_bytes)
                    noc_async_read_page(row * inner + k, a, page);
        });
    } else {
        receive_blocks(cb_a, rows * depth, blocks, get_arg_val<uint32_t>(3), get_arg_val<uint32_t>(4), ready, valid);
    }
}
