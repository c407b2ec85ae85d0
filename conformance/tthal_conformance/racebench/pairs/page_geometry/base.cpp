// The base address is taken from an argument that the host left 0.
// host: stream
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_reserve_back(IN, 1);
        noc_async_read(page_of(get_arg_val<uint32_t>(EITHER(3, 0)), i), get_write_ptr(IN), PAGE);  // site
        noc_async_read_barrier();
        cb_push_back(IN, 1);
    }
}
#endif
