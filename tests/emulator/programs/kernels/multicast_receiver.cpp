// Tells the sender that it is ready and waits for what comes; then adds its own place to every word.
#include "dataflow_api.h"

void kernel_main() {
    const uint32_t sender_x = get_arg_val<uint32_t>(0), sender_y = get_arg_val<uint32_t>(1);
    const uint32_t address = get_arg_val<uint32_t>(2), bytes = get_arg_val<uint32_t>(3);
    const uint32_t ready = get_semaphore(get_compile_time_arg_val(0));
    auto* arrived = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(get_compile_time_arg_val(1)));
    noc_semaphore_set(arrived, INVALID);
    noc_semaphore_inc(get_noc_addr(sender_x, sender_y, ready), 1);
    noc_semaphore_wait(arrived, VALID);
    auto* words = reinterpret_cast<uint32_t*>(address);
    for (uint32_t i = 0; i < bytes / 4; i++) words[i] += 100 * get_absolute_logical_y() + get_absolute_logical_x();
    noc_async_atomic_barrier();
}
