// Banks are counted from one.
// host: core pages=1
#include "../bench.h"

#ifdef READER
void kernel_main() {
    const uint32_t slot = get_write_ptr(SCRATCH);
    const uint32_t bank = EITHER(NUM_DRAM_BANKS, 0);
    noc_async_read(get_noc_addr_from_bank_id<true>(bank, get_arg_val<uint32_t>(0)), slot, PAGE);  // site
    noc_async_read_barrier();
    store(0, slot);
}
#endif
