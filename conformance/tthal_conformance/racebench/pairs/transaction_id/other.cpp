// The barrier waits for another transaction id than the read has.
// host: stream
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_reserve_back(IN, 1);
        noc_async_read_set_trid(1);
        noc_async_read_one_packet(in(i), get_write_ptr(IN), PAGE);  // site
        noc_async_read_barrier_with_trid(EITHER(2, 1));
        cb_push_back(IN, 1);  // site
    }
    noc_async_read_set_trid(0);
    FAULTY(noc_async_read_barrier_with_trid(1);)
}
#endif
