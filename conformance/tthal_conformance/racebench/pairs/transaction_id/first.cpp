// Of two reads with ids of their own only the second is waited for.
// host: core pages=2
#include "../bench.h"

#ifdef READER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    for (uint32_t i = 0; i < 2; i++) {
        noc_async_read_set_trid(i + 1);
        noc_async_read_one_packet(in(i), slot + i * PAGE, PAGE);  // site
    }
    noc_async_read_set_trid(0);
    FIXED(noc_async_read_barrier_with_trid(1);)
    noc_async_read_barrier_with_trid(2);
    noc_async_write(slot, out(0), PAGE);  // site
    noc_async_write(slot + PAGE, out(1), PAGE);
    noc_async_write_barrier();
    FAULTY(noc_async_read_barrier_with_trid(1);)
}
#endif
