// A sum begins with whatever lies in L1.
// host: core expects=sums
#include "../bench.h"

#ifdef READER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH), sum = slot + PAGE;
    FIXED(for (uint32_t w = 0; w < PAGE_WORDS; w++) words(sum)[w] = 0;)
    for (uint32_t i = 0; i < pages(); i++) {
        load(i, slot);
        for (uint32_t w = 0; w < PAGE_WORDS; w++) {
            words(sum)[w] = words(sum)[w] + words(slot)[w];  // site
        }
        store(i, sum);
    }
}
#endif
