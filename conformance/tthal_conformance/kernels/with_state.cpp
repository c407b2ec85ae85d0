// Reads the pages of one bank one packet each with the address set up once, and writes them with the same.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    const uint32_t source = get_arg_val<uint32_t>(0), target = get_arg_val<uint32_t>(1),
                   pages = get_arg_val<uint32_t>(2);
    const uint32_t scratch = get_write_ptr(0);
    noc_async_read_one_packet_set_state(get_noc_addr_from_bank_id<true>(0, source), 64);
    const uint32_t from = static_cast<uint32_t>(get_noc_addr_from_bank_id<true>(0, source));
    for (uint32_t i = 0; i < pages; i++) {
        noc_async_read_one_packet_with_state(from + i * 64, scratch + i * 64);
    }
    noc_async_read_barrier();
    noc_async_write_one_packet_set_state(get_noc_addr_from_bank_id<true>(0, target), 64);
    const uint32_t to = static_cast<uint32_t>(get_noc_addr_from_bank_id<true>(0, target));
    for (uint32_t i = 0; i < pages; i++) {
        noc_async_write_one_packet_with_state(scratch + i * 64, to + (pages - 1 - i) * 64);
    }
    noc_async_write_barrier();
}
