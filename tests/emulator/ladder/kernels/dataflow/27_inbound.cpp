// A receiver's reader: makes room, reports it to the coordinator, and publishes what has come.
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    const uint64_t ready =
        get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), get_semaphore(get_compile_time_arg_val(0)));
    auto* sent = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(get_compile_time_arg_val(1)));
    for (uint32_t tile = 0; tile < get_arg_val<uint32_t>(2); tile++) {
        cb_reserve_back(0, 1);
        noc_semaphore_set(sent, INVALID);
        noc_semaphore_inc(ready, 1);
        noc_semaphore_wait(sent, VALID);
        cb_push_back(0, 1);
    }
    noc_async_atomic_barrier();
}
