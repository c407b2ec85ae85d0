// A receiver's writer: its copies of the tiles go to its part of a buffer in DRAM.
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    const auto tensor = TensorAccessor(TensorAccessorArgs<0>(), get_arg_val<uint32_t>(0));
    const uint32_t tiles = get_arg_val<uint32_t>(1), first = get_arg_val<uint32_t>(2);
    for (uint32_t tile = 0; tile < tiles; tile++) {
        cb_wait_front(0, 1);
        noc_async_write_page(first + tile, tensor, get_read_ptr(0));
        noc_async_write_barrier();
        cb_pop_front(0, 1);
    }
}
