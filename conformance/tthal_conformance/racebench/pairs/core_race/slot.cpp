// Two cores write into one slot of a third.
// host: cores cores=3 expects=gathered
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    load(0, slot);
    store(0, slot);
    noc_semaphore_wait(semaphore(0), cores() - 1);
    for (uint32_t core = 1; core < cores(); core++) {
        store(core, slot + core * PAGE);
    }
}
#endif
#ifdef RECEIVER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    load(me(), slot);
    noc_async_write(slot, on(0, slot + EITHER(1, me()) * PAGE), PAGE);  // site
    noc_async_write_barrier();
    noc_semaphore_inc(on(0, get_semaphore(0)), 1);
    noc_async_atomic_barrier();
}
#endif
