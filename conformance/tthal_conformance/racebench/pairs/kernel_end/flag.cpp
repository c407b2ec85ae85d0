// A flag's multicast is a write: a barrier for atomics does not wait for it (tt-metal#33710, #33805).
// host: cores
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    load(me(), get_write_ptr(SCRATCH));
    store(me(), get_write_ptr(SCRATCH));
    noc_semaphore_set(semaphore(0), 1);
    noc_semaphore_set_multicast(get_semaphore(0), on_receivers(get_semaphore(0)), cores() - 1);  // site
    EITHER(noc_async_atomic_barrier();, noc_async_write_barrier();)
}
#endif
#ifdef RECEIVER
void kernel_main() {
    noc_semaphore_wait(semaphore(0), 1);
    load(me(), get_write_ptr(SCRATCH));
    store(me(), get_write_ptr(SCRATCH));
}
#endif
