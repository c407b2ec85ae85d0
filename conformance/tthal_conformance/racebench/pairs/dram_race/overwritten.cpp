// A core overwrites its input while another may still read it.
// host: cores cores=2 expects=first
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    load(0, get_write_ptr(SCRATCH));
    store(0, get_write_ptr(SCRATCH));
    noc_async_read(in(1), get_write_ptr(SCRATCH), PAGE);
    noc_async_read_barrier();
    FIXED(noc_semaphore_wait(semaphore(0), 1);)
    noc_async_write(get_write_ptr(SCRATCH), in(0), PAGE);  // site
    noc_async_write_barrier();
}
#endif
#ifdef RECEIVER
void kernel_main() {
    noc_async_read(in(0), get_write_ptr(SCRATCH), PAGE);  // site
    noc_async_read_barrier();
    noc_semaphore_inc(on(0, get_semaphore(0)), 1);
    noc_async_atomic_barrier();
    store(1, get_write_ptr(SCRATCH));
}
#endif
