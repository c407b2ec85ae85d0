// The barrier stands between the two reads of a page, so that the second is not waited for.
// host: stream
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_reserve_back(IN, 1);
        noc_async_read(in(i), get_write_ptr(IN), PAGE / 2);
        FAULTY(noc_async_read_barrier();)
        noc_async_read(in(i) + PAGE / 2, get_write_ptr(IN) + PAGE / 2, PAGE / 2);  // site
        FIXED(noc_async_read_barrier();)
        cb_push_back(IN, 1);  // site
    }
}
#endif
