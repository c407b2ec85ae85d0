// The receiver raises its own semaphore instead of the sender's.
// host: cores cores=2
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    noc_semaphore_wait(semaphore(0), 1);  // site
    load(0, get_write_ptr(SCRATCH));
    store(0, get_write_ptr(SCRATCH));
}
#endif
#ifdef RECEIVER
void kernel_main() {
    load(1, get_write_ptr(SCRATCH));
    store(1, get_write_ptr(SCRATCH));
    noc_semaphore_inc(on(EITHER(1, 0), get_semaphore(0)), 1);  // site
    noc_async_atomic_barrier();
}
#endif
