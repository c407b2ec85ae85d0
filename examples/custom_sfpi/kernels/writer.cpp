// Writes the tiles of circular buffer 16 to y in DRAM.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    const uint32_t y_address = get_arg_val<uint32_t>(0);
    const uint32_t num_tiles = get_arg_val<uint32_t>(1);
    constexpr uint32_t cb_y = 16;
    constexpr auto y_args = TensorAccessorArgs<0>();
    const auto y = TensorAccessor(y_args, y_address, get_tile_size(cb_y));

    for (uint32_t tile = 0; tile < num_tiles; tile++) {
        cb_wait_front(cb_y, 1);
        noc_async_write_page(tile, y, get_read_ptr(cb_y));
        noc_async_write_barrier();
        cb_pop_front(cb_y, 1);
    }
}
