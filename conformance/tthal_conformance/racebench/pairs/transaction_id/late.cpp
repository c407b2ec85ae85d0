// The id is set after the read that it is meant for.
// host: stream
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_reserve_back(IN, 1);
        FIXED(noc_async_read_set_trid(3);)
        noc_async_read_one_packet(in(i), get_write_ptr(IN), PAGE);  // site
        FAULTY(noc_async_read_set_trid(3);)
        noc_async_read_barrier_with_trid(3);
        noc_async_read_set_trid(0);
        cb_push_back(IN, 1);  // site
    }
    FAULTY(noc_async_read_barrier();)
}
#endif
