// It waits for exactly 1 of a count that two others raise: it may never see the 1.
// host: cores cores=3
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    load(0, slot);
    EITHER(noc_semaphore_wait, noc_semaphore_wait_min)(semaphore(0), 1);  // site
    store(0, slot);
    noc_semaphore_wait(semaphore(0), 2);
}
#endif
#ifdef RECEIVER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    load(me(), slot);
    store(me(), slot);
    noc_semaphore_inc(on(0, get_semaphore(0)), 1);  // site
    noc_async_atomic_barrier();
}
#endif
