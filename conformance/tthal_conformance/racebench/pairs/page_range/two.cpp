// Two pages in one transfer, though the second lies in another bank.
// host: core pages=2
#include "../bench.h"

#ifdef READER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    noc_async_read(in(0), slot, EITHER(2 * PAGE, PAGE));  // site
    FIXED(noc_async_read(in(1), slot + PAGE, PAGE);)
    noc_async_read_barrier();
    store(0, slot);
    store(1, slot + PAGE);
}
#endif
