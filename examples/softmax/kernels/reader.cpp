// Brings the tile of ones once, then the core's rows of tiles.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    const uint32_t first_row = get_arg_val<uint32_t>(2), rows = get_arg_val<uint32_t>(3);
    constexpr uint32_t width = get_compile_time_arg_val(0);
    constexpr uint32_t cb_x = 0, cb_one = 1;
    constexpr auto x_args = TensorAccessorArgs<1>();
    constexpr auto one_args = TensorAccessorArgs<x_args.next_compile_time_args_offset()>();
    const uint32_t tile_bytes = get_tile_size(cb_x);
    const auto x = TensorAccessor(x_args, get_arg_val<uint32_t>(0), tile_bytes);
    const auto one = TensorAccessor(one_args, get_arg_val<uint32_t>(1), tile_bytes);

    cb_reserve_back(cb_one, 1);
    noc_async_read_page(0, one, get_write_ptr(cb_one));
    noc_async_read_barrier();
    cb_push_back(cb_one, 1);

    for (uint32_t row = first_row; row < first_row + rows; row++) {
        cb_reserve_back(cb_x, width);
        const uint32_t page = get_write_ptr(cb_x);
        for (uint32_t tile = 0; tile < width; tile++)
            noc_async_read_page(row * width + tile, x, page + tile * tile_bytes);
        noc_async_read_barrier();
        cb_push_back(cb_x, width);
    }
}
