// Brings the blocks of one operand to a line of cores: the first reads each from DRAM and multicasts it to the others.
#pragma once
#include <cstdint>

#include "api/dataflow/dataflow_api.h"

// The cores that get the blocks besides the one that sends them, in virtual coordinates, as the NoC at hand walks them.
struct Line {
    uint32_t start_x, start_y, end_x, end_y, receivers;
};

// The sending core: `read` fills a block of `bytes` bytes at an address.
template <typename Read>
void send_blocks(uint32_t cb, uint32_t tiles, uint32_t blocks, Line line, uint32_t ready_id, uint32_t valid_id,
                 Read read) {
    const uint32_t ready_address = get_semaphore(ready_id), valid_address = get_semaphore(valid_id);
    auto* ready = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(ready_address);
    auto* valid = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(valid_address);
    *valid = 1;  // what the flag's multicast sends; this core does not wait for it
    for (uint32_t block = 0; block < blocks; block++) {
        cb_reserve_back(cb, tiles);
        const uint32_t page = get_write_ptr(cb);
        read(block, page);
        noc_async_read_barrier();
        if (line.receivers > 0) {
            noc_semaphore_wait(ready, line.receivers);  // every receiver has room for the block
            noc_semaphore_set(ready, 0);
            const auto to = [&](uint32_t address) {
                return get_noc_multicast_addr(line.start_x, line.start_y, line.end_x, line.end_y, address);
            };
            // All cores have the same circular buffers and move in step, so the block lies at one address everywhere.
            noc_async_write_multicast(page, to(page), tiles * get_tile_size(cb), line.receivers);
            noc_async_writes_flushed();  // on Blackhole the flag may overtake the data otherwise
            noc_semaphore_set_multicast(valid_address, to(valid_address), line.receivers);
            noc_async_write_barrier();
        }
        cb_push_back(cb, tiles);
    }
}

// A receiving core: says that it has room, and waits for the block.
inline void receive_blocks(uint32_t cb, uint32_t tiles, uint32_t blocks, uint32_t sender_x, uint32_t sender_y,
                           uint32_t ready_id, uint32_t valid_id) {
    const uint64_t ready_of_sender = get_noc_addr(sender_x, sender_y, get_semaphore(ready_id));
    auto* valid = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(valid_id));
    for (uint32_t block = 0; block < blocks; block++) {
        cb_reserve_back(cb, tiles);
        noc_semaphore_set(valid, 0);  // before the sender may set it
        noc_semaphore_inc(ready_of_sender, 1);
        noc_semaphore_wait(valid, 1);
        cb_push_back(cb, tiles);
    }
    noc_async_atomic_barrier();
}
