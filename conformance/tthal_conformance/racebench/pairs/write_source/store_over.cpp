// The kernel stores into the source of a write that has not left.
// host: core expects=numbers
#include "../bench.h"

#ifdef READER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    for (uint32_t i = 0; i < pages(); i++) {
        for (uint32_t w = 0; w < PAGE_WORDS; w++) {
            words(slot)[w] = i + 1;  // site
        }
        noc_async_write(slot, out(i), PAGE);  // site
        FIXED(noc_async_write_barrier();)
    }
    noc_async_write_barrier();
}
#endif
