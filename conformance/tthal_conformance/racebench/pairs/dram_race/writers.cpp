// Two cores write one page.
// host: cores cores=2
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    load(0, get_write_ptr(SCRATCH));
    noc_async_write(get_write_ptr(SCRATCH), out(0), PAGE);  // site
    noc_async_write_barrier();
}
#endif
#ifdef RECEIVER
void kernel_main() {
    load(1, get_write_ptr(SCRATCH));
    noc_async_write(get_write_ptr(SCRATCH), out(EITHER(0, 1)), PAGE);  // site
    noc_async_write_barrier();
}
#endif
