// The first processor reads the next page over the one that the second still writes out.
// host: core
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        FIXED(noc_semaphore_wait_min(semaphore(1), i);)
        noc_async_read(in(i), get_write_ptr(SCRATCH), PAGE);  // site
        noc_async_read_barrier();
        noc_semaphore_set(semaphore(0), i + 1);
    }
}
#endif
#ifdef WRITER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        noc_semaphore_wait_min(semaphore(0), i + 1);
        noc_async_write(get_write_ptr(SCRATCH), out(i), PAGE);  // site
        noc_async_write_barrier();
        noc_semaphore_set(semaphore(1), i + 1);
    }
}
#endif
