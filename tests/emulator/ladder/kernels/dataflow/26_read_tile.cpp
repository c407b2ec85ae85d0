// Core 0's reader: tiles from DRAM into a circular buffer.
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    const auto tensor = TensorAccessor(TensorAccessorArgs<0>(), get_arg_val<uint32_t>(0));
    for (uint32_t tile = 0; tile < get_arg_val<uint32_t>(1); tile++) {
        cb_reserve_back(0, 1);
        noc_async_read_page(tile, tensor, get_write_ptr(0));
        noc_async_read_barrier();
        cb_push_back(0, 1);
    }
}
