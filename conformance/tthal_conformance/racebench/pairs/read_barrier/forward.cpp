// What is read is sent on before it is there.
// host: core pages=4
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        const uint32_t slot = get_write_ptr(SCRATCH) + i * PAGE;
        noc_async_read(in(i), slot, PAGE);  // site
        FIXED(noc_async_read_barrier();)
        noc_async_write(slot, out(i), PAGE);  // site
        noc_async_write_barrier();
        FAULTY(noc_async_read_barrier();)
    }
}
#endif
