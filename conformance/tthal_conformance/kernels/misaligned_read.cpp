// Reads DRAM from 16 bytes behind where a page begins to where a page begins: DRAM needs both sides to have the same
// address modulo 32 (Wormhole) or 64 (Blackhole).
// Runtime args: address of a DRAM buffer.
#include <cstdint>
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    const uint32_t address = get_arg_val<uint32_t>(0);
    cb_reserve_back(0, 1);
    noc_async_read(get_noc_addr_from_bank_id<true>(0, address + 16), get_write_ptr(0), 32);
    noc_async_read_barrier();
    cb_push_back(0, 1);
}
