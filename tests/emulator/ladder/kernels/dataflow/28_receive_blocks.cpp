// Makes room for each block of the first operand, says so to the sender, and publishes the block when it has arrived.
// Compile-time: pages in a block, blocks along the depth, the width and the height, the semaphores "room" and "arrived".
#include "api/dataflow/dataflow_buffer.h"
#include "api/dataflow/noc.h"
#include "api/dataflow/noc_semaphore.h"

void kernel_main() {
    constexpr uint32_t pages = get_compile_time_arg_val(0);
    constexpr uint32_t blocks = get_compile_time_arg_val(1) * get_compile_time_arg_val(2) * get_compile_time_arg_val(3);
    const uint32_t sender_x = get_arg_val<uint32_t>(0), sender_y = get_arg_val<uint32_t>(1);
    const Noc noc;
    DataflowBuffer in0(get_named_compile_time_arg_val("cb_in0"));
    Semaphore<> room(get_compile_time_arg_val(4)), arrived(get_compile_time_arg_val(5));
    for (uint32_t block = 0; block < blocks; block++) {
        in0.reserve_back(pages);
        arrived.set(INVALID);
        room.up(noc, sender_x, sender_y, 1);
        arrived.wait(VALID);
        in0.push_back(pages);
    }
    noc.async_atomic_barrier();
}
