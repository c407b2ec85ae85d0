// The kernel looks at the words of a page that it gave back.
// host: stream depth=1
#include "../bench.h"

#ifdef WRITER
void kernel_main() {
    const uint32_t scratch = get_write_ptr(SCRATCH);
    for (uint32_t i = 0; i < pages(); i++) {
        cb_wait_front(RESULT, 1);
        const uint32_t page = get_read_ptr(RESULT);
        FAULTY(cb_pop_front(RESULT, 1);)  // site
        for (uint32_t w = 0; w < PAGE_WORDS; w++) {
            words(scratch)[w] = words(page)[w];  // site
        }
        FIXED(cb_pop_front(RESULT, 1);)
        store(i, scratch);
    }
}
#endif
