// From one DRAM bank to another, a chunk at a time; the last chunk may be short.
#include "dataflow_api.h"

void kernel_main() {
    const uint32_t l1 = get_arg_val<uint32_t>(0), chunk = get_arg_val<uint32_t>(6);
    uint32_t from = get_arg_val<uint32_t>(2), to = get_arg_val<uint32_t>(4), left = get_arg_val<uint32_t>(5);
    while (left > 0) {
        const uint32_t bytes = left < chunk ? left : chunk;
        noc_async_read(get_noc_addr_from_bank_id<true>(get_arg_val<uint32_t>(1), from), l1, bytes);
        noc_async_read_barrier();
        noc_async_write(l1, get_noc_addr_from_bank_id<true>(get_arg_val<uint32_t>(3), to), bytes);
        noc_async_write_barrier();
        from += bytes;
        to += bytes;
        left -= bytes;
    }
}
