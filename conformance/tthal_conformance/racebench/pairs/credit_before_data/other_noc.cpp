// Data and credit travel on different NoCs, between which there is no order.
// host: cores cores=2 expects=first
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    load(0, slot);
    noc_async_write(slot, on(1, slot), PAGE);  // site
    FIXED(noc_async_write_barrier();)
    noc_semaphore_inc(get_noc_addr(x_of(1), y_of(1), get_semaphore(0), 1), 1, 1);  // site
    noc_async_atomic_barrier(1);
    store(0, slot);
}
#endif
#ifdef RECEIVER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    noc_semaphore_wait(semaphore(0), 1);
    noc_async_write(slot, out(1), PAGE);  // site
    noc_async_write_barrier();
}
#endif
