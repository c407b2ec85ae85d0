// Two processors of a core share scratch memory, and the second does not wait for the first.
// host: core pages=1
#include "../bench.h"

#ifdef READER
void kernel_main() {
    noc_async_read(in(0), get_write_ptr(SCRATCH), PAGE);  // site
    noc_async_read_barrier();
    noc_semaphore_set(semaphore(0), 1);
}
#endif
#ifdef WRITER
void kernel_main() {
    FIXED(noc_semaphore_wait(semaphore(0), 1);)
    noc_async_write(get_write_ptr(SCRATCH), out(0), PAGE);  // site
    noc_async_write_barrier();
}
#endif
