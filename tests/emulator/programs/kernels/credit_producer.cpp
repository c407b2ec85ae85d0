// Sends numbered pages to another core's circular buffer while that has credits for it.
#include "dataflow_api.h"

void kernel_main() {
    const uint32_t consumer_x = get_arg_val<uint32_t>(0), consumer_y = get_arg_val<uint32_t>(1);
    const uint32_t pages = get_arg_val<uint32_t>(2), slots = get_arg_val<uint32_t>(3);
    constexpr uint32_t words = 16;
    auto* credits = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(0));
    const uint64_t sent = get_noc_addr(consumer_x, consumer_y, get_semaphore(1));
    const uint32_t staging = get_write_ptr(0), target = get_write_ptr(1);
    for (uint32_t page = 0; page < pages; page++) {
        noc_semaphore_wait_min(credits, page + 1);
        const uint32_t slot = page % 2;
        auto* line = reinterpret_cast<volatile uint32_t*>(staging + slot * 4 * words);
        for (uint32_t i = 0; i < words; i++) line[i] = 1000 * page + i;
        noc_async_write(staging + slot * 4 * words,
                        get_noc_addr(consumer_x, consumer_y, target + page % slots * 4 * words), 4 * words);
        noc_semaphore_inc(sent, 1);
        noc_async_writes_flushed();
    }
    noc_async_write_barrier();
    noc_async_atomic_barrier();
}
