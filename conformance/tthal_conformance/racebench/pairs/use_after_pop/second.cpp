// Of two pages that are given back together the second is still needed.
// host: stream
#include "../bench.h"

#ifdef WRITER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i += 2) {
        cb_wait_front(RESULT, 2);
        const uint32_t page = get_read_ptr(RESULT);
        store(i, page);
        FAULTY(cb_pop_front(RESULT, 2);)  // site
        noc_async_write(page + PAGE, out(i + 1), PAGE);  // site
        noc_async_write_barrier();
        FIXED(cb_pop_front(RESULT, 2);)
    }
}
#endif
