// The kernel itself looks at the words before their read has ended.
// host: stream
#include "../bench.h"

#ifdef READER
void kernel_main() {
    const uint32_t scratch = get_write_ptr(SCRATCH);
    for (uint32_t i = 0; i < pages(); i++) {
        cb_reserve_back(IN, 1);
        noc_async_read(in(i), scratch, PAGE);  // site
        FIXED(noc_async_read_barrier();)
        for (uint32_t w = 0; w < PAGE_WORDS; w++) {
            words(get_write_ptr(IN))[w] = words(scratch)[w];  // site
        }
        FAULTY(noc_async_read_barrier();)
        cb_push_back(IN, 1);
    }
}
#endif
