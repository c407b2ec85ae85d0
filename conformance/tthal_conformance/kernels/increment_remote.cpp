// Adds to a semaphore of another core: virtual x, virtual y, semaphore, amount.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    const uint32_t semaphore = get_semaphore(get_arg_val<uint32_t>(2));
    const uint64_t address = get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), semaphore);
    noc_semaphore_inc(address, get_arg_val<uint32_t>(3));
    noc_async_atomic_barrier();
}
