// The page is written out after it was given back.
// host: stream depth=1
#include "../bench.h"

#ifdef WRITER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_wait_front(RESULT, 1);
        const uint32_t page = get_read_ptr(RESULT);
        FAULTY(cb_pop_front(RESULT, 1);)  // site
        noc_async_write(page, out(i), PAGE);  // site
        noc_async_write_barrier();
        FIXED(cb_pop_front(RESULT, 1);)
    }
}
#endif
