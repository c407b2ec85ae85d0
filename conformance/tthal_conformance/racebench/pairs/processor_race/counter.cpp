// Two processors count up one word of L1 with plain loads and stores, so that steps get lost.
// host: core pages=1 expects=count
#include "../bench.h"

#ifdef READER
void kernel_main() {
    const uint32_t counter = get_write_ptr(SCRATCH) + PAGE EITHER(, + 4);
    noc_semaphore_wait(semaphore(0), 1);
    for (uint32_t i = 0; i < 8; i++) {
        words(counter)[0] = words(counter)[0] + 1;  // site
    }
    noc_semaphore_set(semaphore(1), 1);
}
#endif
#ifdef WRITER
void kernel_main() {
    const uint32_t counter = get_write_ptr(SCRATCH) + PAGE, page = get_write_ptr(SCRATCH);
    words(counter)[0] = words(counter)[1] = 0;
    noc_semaphore_set(semaphore(0), 1);
    for (uint32_t i = 0; i < 8; i++) {
        words(counter)[0] = words(counter)[0] + 1;  // site
    }
    noc_semaphore_wait(semaphore(1), 1);
    for (uint32_t w = 0; w < PAGE_WORDS; w++) {
        words(page)[w] = words(counter)[0] FIXED(+ words(counter)[1]);
    }
    store(0, page);
}
#endif
