// One core reads what another writes, without waiting for it.
// host: cores cores=2 expects=first
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    load(0, get_write_ptr(SCRATCH));
    noc_async_write(get_write_ptr(SCRATCH), out(0), PAGE);  // site
    noc_async_write_barrier();
    noc_semaphore_inc(on(1, get_semaphore(0)), 1);
    noc_async_atomic_barrier();
}
#endif
#ifdef RECEIVER
void kernel_main() {
    FIXED(noc_semaphore_wait(semaphore(0), 1);)
    noc_async_read(out(0), get_write_ptr(SCRATCH), PAGE);  // site
    noc_async_read_barrier();
    store(1, get_write_ptr(SCRATCH));
}
#endif
