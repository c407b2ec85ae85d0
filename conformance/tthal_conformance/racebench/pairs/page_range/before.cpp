// The page before the first one.
// host: core
#include "../bench.h"

#ifdef READER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    for (uint32_t i = 0; i < pages(); i++) {
        load(i, slot);
        noc_async_write(slot, out(i FAULTY(-1)), PAGE);  // site
        noc_async_write_barrier();
    }
}
#endif
