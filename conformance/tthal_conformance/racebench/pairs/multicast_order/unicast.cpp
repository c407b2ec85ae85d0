// A payload's multicast and the credits to single cores are on different channels, on every chip.
// host: cores expects=first
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    load(0, slot);
    noc_async_write_multicast(slot, on_receivers(slot), PAGE, cores() - 1);  // site
    FIXED(noc_async_write_barrier();)
    for (uint32_t core = 1; core < cores(); core++) {
        noc_semaphore_inc(on(core, get_semaphore(0)), 1);  // site
    }
    noc_async_atomic_barrier();
    store(0, slot);
}
#endif
#ifdef RECEIVER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    noc_semaphore_wait(semaphore(0), 1);
    noc_async_write(slot, out(me()), PAGE);  // site
    noc_async_write_barrier();
}
#endif
