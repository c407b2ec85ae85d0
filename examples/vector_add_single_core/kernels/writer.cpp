// Writes the tiles of circular buffer 16 to C in DRAM, as they come.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    const uint32_t c_address = get_arg_val<uint32_t>(0);
    const uint32_t num_tiles = get_arg_val<uint32_t>(1);

    constexpr uint32_t cb_c = 16;
    constexpr auto c_args = TensorAccessorArgs<0>();
    const auto c = TensorAccessor(c_args, c_address, get_tile_size(cb_c));

    for (uint32_t tile = 0; tile < num_tiles; tile++) {
        cb_wait_front(cb_c, 1);
        noc_async_write_page(tile, c, get_read_ptr(cb_c));
        noc_async_write_barrier();  // the tile has left L1, its page may be used again
        cb_pop_front(cb_c, 1);
    }
}
