// Core 1's writer: tiles from its buffer to DRAM.
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    const auto tensor = TensorAccessor(TensorAccessorArgs<0>(), get_arg_val<uint32_t>(0));
    for (uint32_t tile = 0; tile < get_arg_val<uint32_t>(1); tile++) {
        cb_wait_front(1, 1);
        noc_async_write_page(tile, tensor, get_read_ptr(1));
        noc_async_write_barrier();
        cb_pop_front(1, 1);
    }
}
