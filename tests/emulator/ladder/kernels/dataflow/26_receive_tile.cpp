// Core 1's reader: says that there is room at the back of its buffer, and publishes the tile that came.
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    const uint64_t room =
        get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), get_semaphore(get_compile_time_arg_val(0)));
    auto* arrived = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(get_compile_time_arg_val(1)));
    for (uint32_t tile = 0; tile < get_arg_val<uint32_t>(2); tile++) {
        cb_reserve_back(1, 1);
        noc_semaphore_inc(room, 1);
        noc_semaphore_wait_min(arrived, tile + 1);
        cb_push_back(1, 1);
    }
    noc_async_atomic_barrier();
}
