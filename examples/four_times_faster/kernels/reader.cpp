// Reads tiles from DRAM in commands of `piece` bytes, `block` tiles between two barriers.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    const uint32_t num_tiles = get_arg_val<uint32_t>(0);
    const uint32_t address = get_arg_val<uint32_t>(1);

    constexpr uint32_t cb_x = 0;
    constexpr uint32_t piece = get_compile_time_arg_val(0), block = get_compile_time_arg_val(1);
    constexpr auto args = TensorAccessorArgs<2>();
    const uint32_t tile_bytes = get_tile_size(cb_x);
    const auto x = TensorAccessor(args, address, tile_bytes);

    for (uint32_t tile = 0; tile < num_tiles; tile += block) {
        cb_reserve_back(cb_x, block);
        uint32_t place = get_write_ptr(cb_x);
        for (uint32_t i = 0; i < block; i++)
            for (uint32_t offset = 0; offset < tile_bytes; offset += piece, place += piece)
                noc_async_read(x.get_noc_addr(tile + i, offset), place, piece);
        noc_async_read_barrier();
        cb_push_back(cb_x, block);
    }
}
