// Writes the core's only result tile to its row.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto target = TensorAccessor(args, get_arg_val<uint32_t>(0), get_tile_size(16));
    cb_wait_front(16, 1);
    noc_async_write_page(get_arg_val<uint32_t>(1), target, get_read_ptr(16));
    noc_async_write_barrier();
    cb_pop_front(16, 1);
}
