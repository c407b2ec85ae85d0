// A read ahead is still on its way when the kernel ends, and lands in the next kernel's memory.
// host: core
#include "../bench.h"

#ifdef READER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    load(0, slot);
    for (uint32_t i = 0; i < pages(); i++) {
        store(i, slot + (i & 1) * PAGE);
        noc_async_read(in((i + 1) % pages()), slot + (~i & 1) * PAGE, PAGE);  // site
        if (FAULTY(i + 1 < pages()) FIXED(true)) noc_async_read_barrier();
    }
}
#endif
