// Reads page i of the source from bank i by its number, writes it to the next bank of the target.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    const uint32_t source = get_arg_val<uint32_t>(0), target = get_arg_val<uint32_t>(1),
                   banks = get_arg_val<uint32_t>(2);
    for (uint32_t bank = 0; bank < banks; bank++) {
        noc_async_read(get_noc_addr_from_bank_id<true>(bank, source), get_write_ptr(0), 64);
        noc_async_read_barrier();
        const uint32_t next = bank + 1 == banks ? 0 : bank + 1;
        noc_async_write(get_write_ptr(0), get_noc_addr_from_bank_id<true>(next, target), 64);
        noc_async_write_barrier();
    }
}
