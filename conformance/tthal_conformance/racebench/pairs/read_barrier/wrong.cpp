// The barrier is one for writes, which reads do not wait for (the reverse of tt-metal#33710).
// host: stream
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_reserve_back(IN, 1);
        noc_async_read(in(i), get_write_ptr(IN), PAGE);  // site
        EITHER(noc_async_write_barrier();, noc_async_read_barrier();)
        cb_push_back(IN, 1);  // site
    }
    noc_async_read_barrier();
}
#endif
