// Stage 16: the reader and the writer of a range of tiles. Named arguments: how many tensors, whether they are read.
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t READ = get_named_compile_time_arg_val("read"), TENSORS = get_named_compile_time_arg_val("tensors");

// Runtime arguments: first tile, tiles, then the tensors' addresses.
template <uint32_t OFFSET, uint32_t I>
void move_tile(uint32_t tile) {
    if constexpr (I < TENSORS) {
        constexpr auto layout = TensorAccessorArgs<OFFSET>();
        constexpr uint32_t cb = READ ? I : 16;
        const auto tensor = TensorAccessor(layout, get_arg_val<uint32_t>(2 + I), get_tile_size(cb));
        if constexpr (READ) {
            cb_reserve_back(cb, 1);
            noc_async_read_tile(tile, tensor, get_write_ptr(cb));
            noc_async_read_barrier();
            cb_push_back(cb, 1);
        } else {
            cb_wait_front(cb, 1);
            noc_async_write_tile(tile, tensor, get_read_ptr(cb));
            noc_async_write_barrier();
            cb_pop_front(cb, 1);
        }
        move_tile<layout.next_compile_time_args_offset(), I + 1>(tile);
    }
}

void kernel_main() {
    const uint32_t first = get_arg_val<uint32_t>(0), tiles = get_arg_val<uint32_t>(1);
    for (uint32_t tile = first; tile < first + tiles; tile++) move_tile<0, 0>(tile);
}
