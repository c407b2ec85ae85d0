// Sends its L1 to a rectangle of cores once all of them are ready, then tells them that it is there.
#include "api/core_local_mem.h"
#include "api/dataflow/endpoints.h"
#include "api/dataflow/noc_semaphore.h"

void kernel_main() {
    const uint32_t address = get_arg_val<uint32_t>(0), bytes = get_arg_val<uint32_t>(1),
                   receivers = get_arg_val<uint32_t>(2);
    const uint32_t x0 = get_arg_val<uint32_t>(3), y0 = get_arg_val<uint32_t>(4);
    const uint32_t x1 = get_arg_val<uint32_t>(5), y1 = get_arg_val<uint32_t>(6);
    Semaphore ready(get_compile_time_arg_val(0)), arrived(get_compile_time_arg_val(1));
    Noc noc;
    ready.wait(receivers);
    ready.set(0);
    arrived.set(VALID);
    noc.async_write_multicast(CoreLocalMem<uint32_t>(address), MulticastEndpoint{}, bytes, receivers, {},
                              {.noc_x_start = x0, .noc_y_start = y0, .noc_x_end = x1, .noc_y_end = y1, .addr = address},
                              true);
    arrived.set_multicast(noc, x0, y0, x1, y1, receivers);
    noc.async_write_barrier();
}
