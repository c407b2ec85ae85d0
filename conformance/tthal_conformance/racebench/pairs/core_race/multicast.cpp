// A multicast overwrites the receivers' own data, which they have not written out yet.
// host: cores cores=3 pages=2 expects=own_then_first
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    load(0, slot);
    store(0, slot);
    FIXED(noc_semaphore_wait(semaphore(1), cores() - 1);)
    noc_async_write_multicast(slot, on_receivers(slot), PAGE, cores() - 1);  // site
    noc_async_write_barrier();
    noc_semaphore_set(semaphore(0), 1);
    noc_semaphore_set_multicast(get_semaphore(0), on_receivers(get_semaphore(0)), cores() - 1);
    noc_async_write_barrier();
    store(1, slot);
}
#endif
#ifdef RECEIVER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    noc_async_read(in(me() * pages()), slot, PAGE);  // site
    noc_async_read_barrier();  // site
    noc_async_write(slot, out(me() * pages()), PAGE);  // site
    noc_async_write_barrier();
    noc_semaphore_inc(on(0, get_semaphore(1)), 1);
    noc_async_atomic_barrier();
    noc_semaphore_wait(semaphore(0), 1);
    store(me() * pages() + 1, slot);
}
#endif
