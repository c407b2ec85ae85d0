// Writes a page of words into circular buffer 1 of another core, then raises that core's semaphore.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    const uint32_t x = get_arg_val<uint32_t>(0), y = get_arg_val<uint32_t>(1), first = get_arg_val<uint32_t>(2);
    const uint32_t page = get_write_ptr(1);
    auto* words = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(page);
    for (uint32_t i = 0; i < 16; i++) {
        words[i] = first + i * i;
    }
    noc_async_write(page, get_noc_addr(x, y, page), 64);
    noc_async_write_barrier();
    noc_semaphore_inc(get_noc_addr(x, y, get_semaphore(0)), 1);
    noc_async_atomic_barrier();
}
