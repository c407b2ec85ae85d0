// From DRAM to L1 and back to DRAM, both nodes by their coordinates.
#include "dataflow_api.h"

void kernel_main() {
    const uint32_t l1 = get_arg_val<uint32_t>(0), size = get_arg_val<uint32_t>(7);
    const uint64_t from = get_noc_addr(get_arg_val<uint32_t>(1), get_arg_val<uint32_t>(2), get_arg_val<uint32_t>(3));
    const uint64_t to = get_noc_addr(get_arg_val<uint32_t>(4), get_arg_val<uint32_t>(5), get_arg_val<uint32_t>(6));
    noc_async_read(from, l1, size);
    noc_async_read_barrier();
    noc_async_write(l1, to, size);
    noc_async_write_barrier();
}
