// Gives the producer one credit per free slot, and adds up every page that comes.
#include "dataflow_api.h"

void kernel_main() {
    const uint32_t producer_x = get_arg_val<uint32_t>(0), producer_y = get_arg_val<uint32_t>(1);
    const uint32_t pages = get_arg_val<uint32_t>(2), slots = get_arg_val<uint32_t>(3), out = get_arg_val<uint32_t>(4);
    constexpr uint32_t words = 16;
    const uint64_t credits = get_noc_addr(producer_x, producer_y, get_semaphore(0));
    auto* sent = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(1));
    noc_semaphore_inc(credits, slots);
    for (uint32_t page = 0; page < pages; page++) {
        noc_semaphore_wait_min(sent, page + 1);
        auto* line = reinterpret_cast<volatile uint32_t*>(get_write_ptr(1) + page % slots * 4 * words);
        uint32_t sum = 0;
        for (uint32_t i = 0; i < words; i++) sum += line[i];
        reinterpret_cast<volatile uint32_t*>(out)[page] = sum;
        noc_semaphore_inc(credits, 1);
    }
    noc_async_atomic_barrier();
}
