// The flag is reset before its multicast has left, so that the receivers may get the 0 (tt-metal#27979).
// host: cores expects=first
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    load(0, slot);
    noc_async_write_multicast(slot, on_receivers(slot), PAGE, cores() - 1);
    noc_async_write_barrier();
    noc_semaphore_set(semaphore(0), 1);
    noc_semaphore_set_multicast(get_semaphore(0), on_receivers(get_semaphore(0)), cores() - 1);  // site
    FIXED(noc_async_write_barrier();)
    noc_semaphore_set(semaphore(0), 0);  // site
    noc_async_write_barrier();
    store(0, slot);
}
#endif
#ifdef RECEIVER
void kernel_main() {
    noc_semaphore_wait(semaphore(0), 1);  // site
    store(me(), get_write_ptr(SCRATCH));
}
#endif
