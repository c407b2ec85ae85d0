// Writes tiles to DRAM, `block` of them between two barriers.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    const uint32_t num_tiles = get_arg_val<uint32_t>(0);
    const uint32_t address = get_arg_val<uint32_t>(1);

    constexpr uint32_t cb_y = 16, block = get_compile_time_arg_val(0);
    constexpr auto args = TensorAccessorArgs<1>();
    const uint32_t tile_bytes = get_tile_size(cb_y);
    const auto y = TensorAccessor(args, address, tile_bytes);

    for (uint32_t tile = 0; tile < num_tiles; tile += block) {
        cb_wait_front(cb_y, block);
        const uint32_t place = get_read_ptr(cb_y);
        for (uint32_t i = 0; i < block; i++) noc_async_write_page(tile + i, y, place + i * tile_bytes);
        noc_async_write_barrier();
        cb_pop_front(cb_y, block);
    }
}
