// Core 0's writer: tiles from its buffer to the other core, whenever that one has said that there is room.
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    const uint32_t x = get_arg_val<uint32_t>(0), y = get_arg_val<uint32_t>(1), target = get_arg_val<uint32_t>(2);
    auto* room = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(get_compile_time_arg_val(0)));
    const uint64_t arrived = get_noc_addr(x, y, get_semaphore(get_compile_time_arg_val(1)));
    for (uint32_t tile = 0; tile < get_arg_val<uint32_t>(3); tile++) {
        cb_wait_front(0, 1);
        noc_semaphore_wait_min(room, tile + 1);
        noc_async_write(get_read_ptr(0), get_noc_addr(x, y, target), get_tile_size(0));
        noc_async_write_barrier();
        noc_semaphore_inc(arrived, 1);
        cb_pop_front(0, 1);
    }
    noc_async_atomic_barrier();
}
