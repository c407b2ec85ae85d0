// Core 0: sends every tile of y into the L1 of core 1, and tells it so by its semaphore `arrived`.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    constexpr uint32_t num_tiles = get_compile_time_arg_val(0);
    constexpr uint32_t cb_y = 16, arrived = 0, taken = 1;
    const uint32_t receiver_x = get_arg_val<uint32_t>(0), receiver_y = get_arg_val<uint32_t>(1);
    const uint32_t place = get_write_ptr(24);  // this circular buffer has one address on both cores

    auto* tiles_taken = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(taken));
    for (uint32_t tile = 0; tile < num_tiles; tile++) {
        cb_wait_front(cb_y, 1);
        noc_semaphore_wait_min(tiles_taken, tile);  // the tile before has been written to DRAM
        noc_async_write(get_read_ptr(cb_y), get_noc_addr(1, 0, place), get_tile_size(cb_y));
        noc_async_write_barrier();
        noc_semaphore_inc(get_noc_addr(receiver_x, receiver_y, get_semaphore(arrived)), 1);
        cb_pop_front(cb_y, 1);
    }
    noc_async_atomic_barrier();
}
