// The flag of every round may overtake the payload, so that a receiver takes the page of the round before.
// host: cores arch=blackhole pages=2 expects=rounds
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    for (uint32_t round = 0; round < pages(); round++) {
        load(round, slot);
        noc_semaphore_set(semaphore(0), round + 1);
        noc_async_write_multicast(slot, on_receivers(slot), PAGE, cores() - 1);  // site
        FIXED(noc_async_writes_flushed();)
        noc_semaphore_set_multicast(get_semaphore(0), on_receivers(get_semaphore(0)), cores() - 1);  // site
        noc_async_write_barrier();
        store(round, slot);
        noc_semaphore_wait(semaphore(1), (round + 1) * (cores() - 1));
    }
}
#endif
#ifdef RECEIVER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    for (uint32_t round = 0; round < pages(); round++) {
        noc_semaphore_wait(semaphore(0), round + 1);
        noc_async_write(slot, out(me() * pages() + round), PAGE);  // site
        noc_async_write_barrier();
        noc_semaphore_inc(on(0, get_semaphore(1)), 1);
        noc_async_atomic_barrier();
    }
}
#endif
