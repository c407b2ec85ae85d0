// The page is given back after a barrier for another id than its write has.
// host: stream depth=1
#include "../bench.h"

#ifdef WRITER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_wait_front(RESULT, 1);
        noc_async_write_one_packet_with_trid(get_read_ptr(RESULT), out(i), PAGE, 1);  // site
        noc_async_write_barrier_with_trid(EITHER(2, 1));
        cb_pop_front(RESULT, 1);  // site
    }
    FAULTY(noc_async_write_barrier_with_trid(1);)
}
#endif
