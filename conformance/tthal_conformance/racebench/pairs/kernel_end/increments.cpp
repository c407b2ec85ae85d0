// The kernel ends before its increment is acknowledged (tt-metal#27727, #40879).
// host: cores
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    noc_semaphore_wait(semaphore(0), cores() - 1);
    load(me(), get_write_ptr(SCRATCH));
    store(me(), get_write_ptr(SCRATCH));
}
#endif
#ifdef RECEIVER
void kernel_main() {
    load(me(), get_write_ptr(SCRATCH));
    store(me(), get_write_ptr(SCRATCH));
    noc_semaphore_inc(on(0, get_semaphore(0)), 1);  // site
    FIXED(noc_async_atomic_barrier();)
}
#endif
