// The page is announced before its read has ended (tt-metal#50973).
// host: stream
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_reserve_back(IN, 1);
        noc_async_read(in(i), get_write_ptr(IN), PAGE);  // site
        FIXED(noc_async_read_barrier();)
        cb_push_back(IN, 1);  // site
    }
}
#endif
