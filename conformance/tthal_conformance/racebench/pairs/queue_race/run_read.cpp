// The host reads on the second queue what a program on the first writes.
// host: queues names=queues first=run second=read
#include "../bench.h"

#ifdef WRITER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_wait_front(RESULT, 1);
        noc_async_write(get_read_ptr(RESULT), out(i), PAGE);  // site
        noc_async_write_barrier();
        cb_pop_front(RESULT, 1);
    }
}
#endif
