// The receiver resets its semaphore after it gave the credit, and may wipe out the next signal.
// host: cores cores=2 pages=4 expects=rounds
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    for (uint32_t round = 0; round < pages(); round++) {
        load(round, slot);
        noc_async_write(slot, on(1, slot), PAGE);
        noc_async_write_barrier();
        noc_semaphore_inc(on(1, get_semaphore(0)), 1);  // site
        noc_async_atomic_barrier();
        store(round, slot);
        noc_semaphore_wait_min(semaphore(1), round + 1);  // site
    }
}
#endif
#ifdef RECEIVER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    for (uint32_t round = 0; round < pages(); round++) {
        noc_semaphore_wait(semaphore(0), 1);  // site
        store(pages() + round, slot);
        FIXED(noc_semaphore_set(semaphore(0), 0);)
        noc_semaphore_inc(on(0, get_semaphore(1)), 1);
        noc_async_atomic_barrier();
        FAULTY(noc_semaphore_set(semaphore(0), 0);)  // site
    }
}
#endif
