// A core reads another's L1 before that says that its data is there.
// host: cores cores=2 expects=first
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    noc_async_read(in(0), slot, PAGE);  // site
    noc_async_read_barrier();
    noc_semaphore_inc(on(1, get_semaphore(0)), 1);
    noc_async_atomic_barrier();
    store(0, slot);
}
#endif
#ifdef RECEIVER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    FIXED(noc_semaphore_wait(semaphore(0), 1);)
    noc_async_read(on(0, slot), slot, PAGE);  // site
    noc_async_read_barrier();
    store(1, slot);
}
#endif
