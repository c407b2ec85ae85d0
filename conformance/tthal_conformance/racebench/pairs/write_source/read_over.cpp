// The next page is read over the source of a write that has not left (tt-metal#51272).
// host: core
#include "../bench.h"

#ifdef READER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    for (uint32_t i = 0; i < pages(); i++) {
        noc_async_read(in(i), slot, PAGE);  // site
        noc_async_read_barrier();  // site
        noc_async_write(slot, out(i), PAGE);  // site
        FIXED(noc_async_write_barrier();)
    }
    noc_async_write_barrier();
}
#endif
