// A store runs past the end of its circular buffer into the next one.
// host: core pages=1
#include "../bench.h"

#ifdef READER
void kernel_main() {
    const uint32_t page = get_write_ptr(IN);
    load(0, page);
    for (uint32_t w = PAGE_WORDS; w < PAGE_WORDS + EITHER(2 * PAGE_WORDS, 16); w++) {
        words(page)[w] = w;  // site
    }
    store(0, page);
}
#endif
