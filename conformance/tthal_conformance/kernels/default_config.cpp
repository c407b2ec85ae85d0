// Created without a config, so without compile-time arguments: it writes to bank 0 of an interleaved DRAM buffer.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    auto* page = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(0));
    page[0] = get_arg_val<uint32_t>(1) ^ 0x5555AAAA;
    page[1] = noc_index + 7;
    noc_async_write(get_write_ptr(0), get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(0)), 64);
    noc_async_write_barrier();
}
