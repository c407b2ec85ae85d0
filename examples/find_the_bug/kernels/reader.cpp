// Core 0: brings the tiles of x from DRAM to the compute kernel.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    constexpr uint32_t num_tiles = get_compile_time_arg_val(0);
    constexpr uint32_t cb_x = 0;
    constexpr auto x_args = TensorAccessorArgs<1>();
    const auto x = TensorAccessor(x_args, get_arg_val<uint32_t>(0));

    for (uint32_t tile = 0; tile < num_tiles; tile++) {
        cb_reserve_back(cb_x, 1);
        noc_async_read_page(tile, x, get_write_ptr(cb_x));
        noc_async_read_barrier();
        cb_push_back(cb_x, 1);
    }
}
