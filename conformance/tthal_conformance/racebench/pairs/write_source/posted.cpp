// The flush is one for posted writes and finds none (tt-metal#50306).
// host: stream depth=1
#include "../bench.h"

#ifdef WRITER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_wait_front(RESULT, 1);
        noc_async_write(get_read_ptr(RESULT), out(i), PAGE);  // site
        EITHER(noc_async_posted_writes_flushed();, noc_async_write_barrier();)
        cb_pop_front(RESULT, 1);  // site
    }
    noc_async_write_barrier();
}
#endif
