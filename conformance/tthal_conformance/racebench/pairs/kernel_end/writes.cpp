// The kernel ends while its writes are on their way (tt-metal#9523).
// host: core pages=4
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        const uint32_t slot = get_write_ptr(SCRATCH) + i * PAGE;
        load(i, slot);
        noc_async_write(slot, out(i), PAGE);  // site
    }
    FIXED(noc_async_write_barrier();)
}
#endif
