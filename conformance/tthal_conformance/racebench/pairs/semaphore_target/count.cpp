// It waits for one more than there are who raise the count.
// host: cores
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    noc_semaphore_wait(semaphore(0), cores() FIXED(-1));  // site
    load(0, get_write_ptr(SCRATCH));
    store(0, get_write_ptr(SCRATCH));
}
#endif
#ifdef RECEIVER
void kernel_main() {
    load(me(), get_write_ptr(SCRATCH));
    store(me(), get_write_ptr(SCRATCH));
    noc_semaphore_inc(on(0, get_semaphore(0)), 1);  // site
    noc_async_atomic_barrier();
}
#endif
