// The host overwrites on the second queue what a program on the first reads.
// host: queues names=queues first=run second=write
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_reserve_back(IN, 1);
        noc_async_read(in(i), get_write_ptr(IN), PAGE);  // site
        noc_async_read_barrier();
        cb_push_back(IN, 1);
    }
}
#endif
