// Stage 39: mean and inverse deviation to all cores, the sender among them, and then the word that they are there.
#include "api/dataflow/dataflow_api.h"
#include "experimental/kernel_args.h"

void kernel_main() {
    constexpr uint32_t tiles = 2, cores = get_arg(args::num_blocks),
                       bytes = tiles * get_arg(args::num_tiles_per_worker_bytes);
    const auto everywhere = [](uint32_t address) {
        const uint32_t x0 = get_arg(args::mcast_dest_noc_start_x), y0 = get_arg(args::mcast_dest_noc_start_y);
        const uint32_t x1 = get_arg(args::mcast_dest_noc_end_x), y1 = get_arg(args::mcast_dest_noc_end_y);
        return get_noc_multicast_addr(x0, y0, x1, y1, address);
    };
    const uint32_t sent = get_semaphore(sem::reduce_sender.id);
    cb_wait_front(dfb::stats_reduced, tiles);
    cb_reserve_back(dfb::ex_global, tiles);
    const uint32_t to = get_write_ptr(dfb::ex_global);
    noc_async_write_multicast_loopback_src(get_read_ptr(dfb::stats_reduced), everywhere(to), bytes, cores);
    noc_async_write_barrier();
    cb_push_back(dfb::ex_global, tiles);
    cb_pop_front(dfb::stats_reduced, tiles);
    noc_semaphore_set(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(sent), VALID);
    noc_semaphore_set_multicast_loopback_src(sent, everywhere(sent), cores);
    noc_async_write_barrier();
}
