// On Blackhole a flag's multicast may overtake the payload's unless that has left (tt-metal#48480, #48481, #12682).
// host: cores arch=blackhole expects=first
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    load(0, slot);
    noc_semaphore_set(semaphore(0), 1);
    noc_async_write_multicast(slot, on_receivers(slot), PAGE, cores() - 1);  // site
    FIXED(noc_async_writes_flushed();)
    noc_semaphore_set_multicast(get_semaphore(0), on_receivers(get_semaphore(0)), cores() - 1);  // site
    noc_async_write_barrier();
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
