// Brings the weights of both layers once, then the core's rows of tiles of samples.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

// Pushes `count` tiles of a tensor, from `first` on.
template <typename Accessor>
void bring(uint32_t cb, const Accessor& tensor, uint32_t first, uint32_t count) {
    cb_reserve_back(cb, count);
    const uint32_t page = get_write_ptr(cb);
    for (uint32_t tile = 0; tile < count; tile++)
        noc_async_read_page(first + tile, tensor, page + tile * get_tile_size(cb));
    noc_async_read_barrier();
    cb_push_back(cb, count);
}

void kernel_main() {
    const uint32_t first_row = get_arg_val<uint32_t>(3), rows = get_arg_val<uint32_t>(4);
    constexpr uint32_t features = get_compile_time_arg_val(0), hidden = get_compile_time_arg_val(1);
    constexpr uint32_t cb_samples = 0, cb_first = 1, cb_second = 2;
    constexpr auto args = TensorAccessorArgs<2>();  // the tensors have one layout
    const uint32_t tile_bytes = get_tile_size(cb_samples);

    bring(cb_first, TensorAccessor(args, get_arg_val<uint32_t>(1), tile_bytes), 0, features * hidden);
    bring(cb_second, TensorAccessor(args, get_arg_val<uint32_t>(2), tile_bytes), 0, hidden);
    const auto samples = TensorAccessor(args, get_arg_val<uint32_t>(0), tile_bytes);
    for (uint32_t row = first_row; row < first_row + rows; row++) bring(cb_samples, samples, row * features, features);
}
