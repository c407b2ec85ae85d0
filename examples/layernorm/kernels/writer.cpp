// Writes the core's rows of tiles.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    const uint32_t first_row = get_arg_val<uint32_t>(1), rows = get_arg_val<uint32_t>(2);
    constexpr uint32_t width = get_compile_time_arg_val(0);
    constexpr uint32_t cb_y = 16;
    constexpr auto y_args = TensorAccessorArgs<1>();
    const uint32_t tile_bytes = get_tile_size(cb_y);
    const auto y = TensorAccessor(y_args, get_arg_val<uint32_t>(0), tile_bytes);

    for (uint32_t row = first_row; row < first_row + rows; row++) {
        cb_wait_front(cb_y, width);
        const uint32_t page = get_read_ptr(cb_y);
        for (uint32_t tile = 0; tile < width; tile++)
            noc_async_write_page(row * width + tile, y, page + tile * tile_bytes);
        noc_async_write_barrier();
        cb_pop_front(cb_y, width);
    }
}
