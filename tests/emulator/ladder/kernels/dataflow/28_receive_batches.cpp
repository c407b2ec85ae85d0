// Receives the batches that are there, and tells the three compute threads of each batch by mailbox whether it is.
// Compile-time: pages in a block, blocks along the depth, the width and the height, "room", "arrived", batches.
#include "api/dataflow/dataflow_buffer.h"
#include "api/dataflow/noc.h"
#include "api/dataflow/noc_semaphore.h"
#include "ckernel.h"

void kernel_main() {
    constexpr uint32_t pages = get_compile_time_arg_val(0);
    constexpr uint32_t blocks = get_compile_time_arg_val(1) * get_compile_time_arg_val(2) * get_compile_time_arg_val(3);
    const Noc noc;
    DataflowBuffer in0(get_named_compile_time_arg_val("cb_in0"));
    Semaphore<> room(get_compile_time_arg_val(4)), arrived(get_compile_time_arg_val(5));
    const auto hear = [&] {
        arrived.set(INVALID);
        room.up(noc, get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), 1);
        arrived.wait_min(VALID);
        return arrived.value() == VALID;
    };
    for (uint32_t batch = 0; batch < get_compile_time_arg_val(6); batch++) {
        const bool there = hear();
        for (const auto thread : {ckernel::UnpackThreadId, ckernel::MathThreadId, ckernel::PackThreadId})
            ckernel::mailbox_write(thread, there);
        for (uint32_t block = 0; there && block < blocks; block++) {
            in0.reserve_back(pages);
            hear();
            in0.push_back(pages);
        }
    }
    noc.async_atomic_barrier();
}
