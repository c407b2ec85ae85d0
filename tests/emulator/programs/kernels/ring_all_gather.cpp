// One core of a ring: sends its own block to the next one, then passes on what it gets, until everybody has every block.
#include "dataflow_api.h"

void kernel_main() {
    const uint32_t place = get_arg_val<uint32_t>(0), cores = get_arg_val<uint32_t>(1), bytes = get_arg_val<uint32_t>(2);
    const uint32_t next_x = get_arg_val<uint32_t>(3), next_y = get_arg_val<uint32_t>(4),
                   blocks = get_arg_val<uint32_t>(5);
    const uint32_t arrived = get_semaphore(0);
    auto* count = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(arrived);
    for (uint32_t step = 0; step + 1 < cores; step++) {
        const uint32_t block = blocks + (place + cores - step) % cores * bytes;
        noc_semaphore_wait_min(count, step);
        noc_async_write(block, get_noc_addr(next_x, next_y, block), bytes);
        // Leaves on the same way as the block, so it arrives after it.
        noc_semaphore_inc(get_noc_addr(next_x, next_y, arrived), 1);
        noc_async_writes_flushed();
    }
    noc_semaphore_wait(count, cores - 1);
    noc_async_write_barrier();
    noc_async_atomic_barrier();
}
