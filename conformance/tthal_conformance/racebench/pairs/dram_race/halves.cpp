// Two cores write the halves of one page, and the first half is too long.
// host: cores cores=2 expects=mixed
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    constexpr uint32_t half = PAGE / 2;
    load(0, get_write_ptr(SCRATCH));
    noc_async_write(get_write_ptr(SCRATCH), out(0), half FAULTY(+64));  // site
    noc_async_write_barrier();
}
#endif
#ifdef RECEIVER
void kernel_main() {
    constexpr uint32_t half = PAGE / 2;
    load(1, get_write_ptr(SCRATCH));
    noc_async_write(get_write_ptr(SCRATCH) + half, out(0) + half, half);  // site
    noc_async_write_barrier();
    store(1, get_write_ptr(SCRATCH));
}
#endif
