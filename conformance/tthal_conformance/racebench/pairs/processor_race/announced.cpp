// The first processor raises the flag before its read has ended.
// host: core pages=1
#include "../bench.h"

#ifdef READER
void kernel_main() {
    noc_async_read(in(0), get_write_ptr(SCRATCH), PAGE);  // site
    FIXED(noc_async_read_barrier();)
    noc_semaphore_set(semaphore(0), 1);  // site
    FAULTY(noc_async_read_barrier();)
}
#endif
#ifdef WRITER
void kernel_main() {
    noc_semaphore_wait(semaphore(0), 1);
    noc_async_write(get_write_ptr(SCRATCH), out(0), PAGE);  // site
    noc_async_write_barrier();
}
#endif
