// The next page is sent into a slot from which the receiver has not taken the last one (tt-metal#23618).
// host: cores cores=2 pages=4 expects=rounds
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    for (uint32_t round = 0; round < pages(); round++) {
        load(round, slot);
        FIXED(noc_semaphore_wait_min(semaphore(1), round);)
        noc_async_write(slot, on(1, slot), PAGE);  // site
        noc_async_write_barrier();
        noc_semaphore_inc(on(1, get_semaphore(0)), 1);
        noc_async_atomic_barrier();
        store(round, slot);
    }
}
#endif
#ifdef RECEIVER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    for (uint32_t round = 0; round < pages(); round++) {
        noc_semaphore_wait_min(semaphore(0), round + 1);
        noc_async_write(slot, out(pages() + round), PAGE);  // site
        noc_async_write_barrier();
        noc_semaphore_inc(on(0, get_semaphore(1)), 1);
        noc_async_atomic_barrier();
    }
}
#endif
