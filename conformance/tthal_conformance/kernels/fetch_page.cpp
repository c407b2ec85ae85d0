// Reads a page of circular buffer 1 of another core and reports it: virtual x, virtual y.
#include "report.h"

void kernel_main() {
    noc_semaphore_wait(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(0)), 1);
    const uint32_t x = get_arg_val<uint32_t>(first_own_arg), y = get_arg_val<uint32_t>(first_own_arg + 1);
    noc_async_read(get_noc_addr(x, y, get_write_ptr(1)), get_write_ptr(0), 64);
    noc_async_read_barrier();
    report();
}
