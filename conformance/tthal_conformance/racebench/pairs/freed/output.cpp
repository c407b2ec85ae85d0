// The output is freed before the launch that writes it.
// host: freed which=out
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
