// Stage 39: tiles of any number of tensors to one buffer each. Compile-time arguments: tensors, then (buffer, tiles) and
// the layout of each; runtime arguments: for each its address and first tile.
#include "api/dataflow/dataflow_api.h"

template <uint32_t OFFSET, uint32_t I>
void read_tensor() {
    if constexpr (I < get_compile_time_arg_val(0)) {
        constexpr uint32_t cb = get_compile_time_arg_val(OFFSET), tiles = get_compile_time_arg_val(OFFSET + 1);
        constexpr auto layout = TensorAccessorArgs<OFFSET + 2>();
        const auto tensor = TensorAccessor(layout, get_arg_val<uint32_t>(2 * I), get_tile_size(cb));
        const uint32_t first = get_arg_val<uint32_t>(2 * I + 1);
        for (uint32_t tile = 0; tile < tiles; tile++) {
            cb_reserve_back(cb, 1);
            noc_async_read_tile(first + tile, tensor, get_write_ptr(cb));
            noc_async_read_barrier();
            cb_push_back(cb, 1);
        }
        read_tensor<layout.next_compile_time_args_offset(), I + 1>();
    }
}

void kernel_main() { read_tensor<1, 0>(); }
