// Reads go two pages ahead, of which the first reservation holds one (tt-metal#46843).
// host: stream depth=3
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i += 2) {
        cb_reserve_back(IN, EITHER(1, 2));
        const uint32_t first = get_write_ptr(IN);
        load(i, first);
        cb_push_back(IN, 1);
        FAULTY(const uint32_t second = i % 3 == 2 ? first - 2 * PAGE : first + PAGE;)
        FIXED(const uint32_t second = get_write_ptr(IN);)
        noc_async_read(in(i + 1), second, PAGE);  // site
        noc_async_read_barrier();
        FAULTY(cb_reserve_back(IN, 1);)
        cb_push_back(IN, 1);
    }
}
#endif
