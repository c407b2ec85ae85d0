// The data goes to one core, its credit to another, which fetches it from the first (tt-metal#19765).
// host: cores cores=3 expects=first
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    load(0, slot);
    noc_async_write(slot, on(1, slot), PAGE);  // site
    FIXED(noc_async_write_barrier();)
    noc_semaphore_inc(on(2, get_semaphore(0)), 1);  // site
    noc_async_atomic_barrier();
    store(0, slot);
}
#endif
#ifdef RECEIVER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    noc_semaphore_wait(semaphore(0), 1);
    if (me() == 2) {
        noc_async_read(on(1, slot), slot, PAGE);  // site
        noc_async_read_barrier();
        noc_semaphore_inc(on(1, get_semaphore(0)), 1);
        noc_async_atomic_barrier();
    }
    store(me(), slot);
}
#endif
