// Reads tiles and multicasts each to a rectangle of cores, once all of them have said that they have room.
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    const auto tensor = TensorAccessor(TensorAccessorArgs<2>(), get_arg_val<uint32_t>(0));
    const uint32_t tiles = get_arg_val<uint32_t>(1), receivers = get_arg_val<uint32_t>(6);
    const uint32_t ready = get_semaphore(get_compile_time_arg_val(0)),
                   sent = get_semaphore(get_compile_time_arg_val(1));
    const auto everywhere = [](uint32_t address) {
        return get_noc_multicast_addr(get_arg_val<uint32_t>(2), get_arg_val<uint32_t>(3), get_arg_val<uint32_t>(4),
                                      get_arg_val<uint32_t>(5), address);
    };
    auto* ready_count = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(ready);
    noc_semaphore_set(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(sent), VALID);
    for (uint32_t tile = 0; tile < tiles; tile++) {
        cb_reserve_back(0, 1);
        const uint32_t l1 = get_write_ptr(0);
        noc_async_read_page(tile, tensor, l1);
        noc_async_read_barrier();
        noc_semaphore_wait(ready_count, receivers);
        noc_semaphore_set(ready_count, 0);
        noc_async_write_multicast(l1, everywhere(l1), get_tile_size(0), receivers);
        noc_async_writes_flushed();  // on Blackhole the flag may overtake the data otherwise
        noc_semaphore_set_multicast(sent, everywhere(sent), receivers);
        noc_async_write_barrier();
        // Nobody here reads the tile: its place in the buffer is passed over, as at the receivers.
        cb_push_back(0, 1);
        cb_pop_front(0, 1);
    }
}
