// The same with the sender among the receivers.
// host: cores arch=blackhole expects=first
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    const uint32_t from = get_write_ptr(SCRATCH), slot = from + PAGE;
    load(0, from);
    noc_semaphore_set(semaphore(1), 1);
    noc_async_write_multicast_loopback_src(from, on_cores(0, cores() - 1, slot), PAGE, cores());  // site
    FIXED(noc_async_writes_flushed();)
    noc_semaphore_set_multicast_loopback_src(  // site
        get_semaphore(1), on_cores(0, cores() - 1, get_semaphore(0)), cores());  // site
    noc_semaphore_wait(semaphore(0), 1);
    noc_async_write_barrier();
    store(0, slot);
}
#endif
#ifdef RECEIVER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH) + PAGE;
    noc_semaphore_wait(semaphore(0), 1);
    noc_async_write(slot, out(me()), PAGE);  // site
    noc_async_write_barrier();
}
#endif
