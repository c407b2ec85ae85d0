// Two pages are pushed of which one was reserved.
// host: stream depth=4
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i += 2) {
        cb_reserve_back(IN, EITHER(1, 2));
        load(i, get_write_ptr(IN));
        noc_async_read(in(i + 1), get_write_ptr(IN) + PAGE, PAGE);  // site
        noc_async_read_barrier();
        cb_push_back(IN, 2);  // site
    }
}
#endif
