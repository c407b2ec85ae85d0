// The flag of the first round is still up in the second, whose page the receiver takes too early.
// host: cores cores=2 pages=4 expects=rounds
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    for (uint32_t round = 0; round < pages(); round++) {
        load(round, slot);
        noc_async_write(slot, on(1, slot), PAGE);  // site
        noc_async_write_barrier();  // site
        noc_semaphore_set(semaphore(2), 1);
        noc_semaphore_set_remote(get_semaphore(2), on(1, get_semaphore(0)));
        noc_async_write_barrier();
        store(round, slot);
        noc_semaphore_wait_min(semaphore(1), round + 1);
    }
}
#endif
#ifdef RECEIVER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    for (uint32_t round = 0; round < pages(); round++) {
        noc_semaphore_wait(semaphore(0), 1);  // site
        noc_async_write(slot, out(pages() + round), PAGE);  // site
        noc_async_write_barrier();
        FIXED(noc_semaphore_set(semaphore(0), 0);)
        noc_semaphore_inc(on(0, get_semaphore(1)), 1);
        noc_async_atomic_barrier();
    }
}
#endif
