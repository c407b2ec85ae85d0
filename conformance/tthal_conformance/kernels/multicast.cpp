// Writes a page to all cores of a rectangle and sets their semaphores: x and y of two corners, number of targets.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    const uint32_t x0 = get_arg_val<uint32_t>(0), y0 = get_arg_val<uint32_t>(1);
    const uint32_t x1 = get_arg_val<uint32_t>(2), y1 = get_arg_val<uint32_t>(3);
    const uint32_t targets = get_arg_val<uint32_t>(4);
    const uint32_t page = get_write_ptr(1);
    auto* words = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(page);
    for (uint32_t i = 0; i < 16; i++) {
        words[i] = 7000 + i;
    }
    const uint32_t semaphore = get_semaphore(0);
    auto* ready = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(semaphore);
#ifdef LOOPBACK
    noc_async_write_multicast_loopback_src(page, get_noc_multicast_addr(x0, y0, x1, y1, page), 64, targets);
#else
    noc_async_write_multicast(page, get_noc_multicast_addr(x0, y0, x1, y1, page), 64, targets);
#endif
    noc_async_write_barrier();
    noc_semaphore_set(ready, 1);
#ifdef LOOPBACK
    noc_semaphore_set_multicast_loopback_src(semaphore, get_noc_multicast_addr(x0, y0, x1, y1, semaphore), targets);
#else
    noc_semaphore_set_multicast(semaphore, get_noc_multicast_addr(x0, y0, x1, y1, semaphore), targets);
#endif
    noc_async_write_barrier();
}
