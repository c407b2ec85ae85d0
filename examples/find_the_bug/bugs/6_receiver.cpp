// Core 1: writes what arrives to DRAM, and tells core 0 by its semaphore `taken`.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    constexpr uint32_t num_tiles = get_compile_time_arg_val(0);
    constexpr uint32_t arrived = 0, taken = 1;
    constexpr auto y_args = TensorAccessorArgs<1>();
    const auto y = TensorAccessor(y_args, get_arg_val<uint32_t>(0));
    const uint32_t sender_x = get_arg_val<uint32_t>(1), sender_y = get_arg_val<uint32_t>(2);
    const uint32_t place = get_write_ptr(24);  // where the sender's circular buffer 24 lies, too

    auto* tiles_arrived = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(arrived));
    for (uint32_t tile = 0; tile < num_tiles; tile++) {
        noc_semaphore_wait_min(tiles_arrived, tile + 1);
        noc_async_write_page(tile + 1, y, place);
        noc_async_write_barrier();
        noc_semaphore_inc(get_noc_addr(sender_x, sender_y, get_semaphore(taken)), 1);
    }
    noc_async_atomic_barrier();
}
