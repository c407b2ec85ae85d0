// Brings what all rows share once (the tile for means, epsilon, gamma, beta), then the core's rows of tiles.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

// Pushes `count` tiles of a tensor, from `first` on.
template <typename Accessor>
void bring(uint32_t cb, const Accessor& tensor, uint32_t first, uint32_t count) {
    const uint32_t tile_bytes = get_tile_size(cb);
    cb_reserve_back(cb, count);
    const uint32_t page = get_write_ptr(cb);
    for (uint32_t tile = 0; tile < count; tile++) noc_async_read_page(first + tile, tensor, page + tile * tile_bytes);
    noc_async_read_barrier();
    cb_push_back(cb, count);
}

void kernel_main() {
    const uint32_t first_row = get_arg_val<uint32_t>(4), rows = get_arg_val<uint32_t>(5);
    constexpr uint32_t width = get_compile_time_arg_val(0);
    constexpr uint32_t cb_x = 0, cb_factors = 1, cb_gamma = 2, cb_beta = 3;
    constexpr auto args = TensorAccessorArgs<1>();  // the four tensors have one layout
    const uint32_t tile_bytes = get_tile_size(cb_x);

    bring(cb_factors, TensorAccessor(args, get_arg_val<uint32_t>(1), tile_bytes), 0, 2);
    bring(cb_gamma, TensorAccessor(args, get_arg_val<uint32_t>(2), tile_bytes), 0, width);
    bring(cb_beta, TensorAccessor(args, get_arg_val<uint32_t>(3), tile_bytes), 0, width);
    const auto x = TensorAccessor(args, get_arg_val<uint32_t>(0), tile_bytes);
    for (uint32_t row = first_row; row < first_row + rows; row++) bring(cb_x, x, row * width, width);
}
