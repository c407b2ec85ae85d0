// The producer writes to the read pointer, which is the consumer's (tt-metal#39170, #39432).
// host: stream
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_reserve_back(IN, 1);
        noc_async_read(in(i), EITHER(get_read_ptr, get_write_ptr)(IN), PAGE);  // site
        noc_async_read_barrier();
        cb_push_back(IN, 1);
    }
}
#endif
