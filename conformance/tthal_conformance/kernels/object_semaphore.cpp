// Sends a page and raises a semaphore on another core with the object API: virtual x, virtual y, first word.
#include <cstdint>

#include "api/core_local_mem.h"
#include "api/dataflow/circular_buffer.h"
#include "api/dataflow/dataflow_api.h"
#include "api/dataflow/endpoints.h"
#include "api/dataflow/noc.h"
#include "api/semaphore.h"

void kernel_main() {
    const uint32_t x = get_arg_val<uint32_t>(0), y = get_arg_val<uint32_t>(1);
    Noc noc;
    CircularBuffer page(1);
    Semaphore<> ready(0);
    CoreLocalMem<uint32_t> words(page.get_write_ptr());
    for (uint32_t i = 0; i < 16; i++) {
        words[i] = get_arg_val<uint32_t>(2) + i * i;
    }
    noc.async_write(words, UnicastEndpoint{}, 64, {.offset_bytes = 0},
                    {.noc_x = x, .noc_y = y, .addr = page.get_write_ptr()});
    noc.async_write_barrier();
    ready.up(noc, x, y, 1);
    noc.async_atomic_barrier();
}
