// Fills circular buffer 1 and tells another core that it may read it: virtual x, virtual y, first word.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    auto* words = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(1));
    for (uint32_t i = 0; i < 16; i++) {
        words[i] = get_arg_val<uint32_t>(2) + 3 * i;
    }
    noc_semaphore_inc(get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), get_semaphore(0)), 1);
    noc_async_atomic_barrier();
}
