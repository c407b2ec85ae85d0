// Writes to a NoC coordinate where nothing is.
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    noc_async_write(get_write_ptr(0), get_noc_addr(63, 63, get_write_ptr(0)), 64);
    noc_async_write_barrier();
}
