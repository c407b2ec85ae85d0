// Sends the batches of the first operand of a matmul that are there, a block of pages after the other; of the others it
// says that they are missing. Compile-time: pages in a block, blocks in a batch, the semaphores "room" and "arrived".
// Runtime: the tensor, the rectangle of receivers and their number, the batches, and for each whether it is there.
#include "api/core_local_mem.h"
#include "api/dataflow/dataflow_buffer.h"
#include "api/dataflow/endpoints.h"
#include "api/dataflow/noc_semaphore.h"
#include "api/tensor/noc_traits.h"

constexpr uint32_t MISSING = 2;

void kernel_main() {
    constexpr uint32_t pages = get_compile_time_arg_val(0), blocks = get_compile_time_arg_val(1);
    const auto tensor = TensorAccessor(TensorAccessorArgs<4>(), get_arg_val<uint32_t>(0));
    const uint32_t x0 = get_arg_val<uint32_t>(1), y0 = get_arg_val<uint32_t>(2);
    const uint32_t x1 = get_arg_val<uint32_t>(3), y1 = get_arg_val<uint32_t>(4), receivers = get_arg_val<uint32_t>(5);
    const uint32_t batches = get_arg_val<uint32_t>(6), size = tensor.get_aligned_page_size();
    const Noc noc;
    DataflowBuffer in0(get_named_compile_time_arg_val("cb_in0"));
    Semaphore<> room(get_compile_time_arg_val(2)), arrived(get_compile_time_arg_val(3));
    const auto tell = [&](uint32_t what) {
        arrived.set(what);
        arrived.set_multicast(noc, x0, y0, x1, y1, receivers);
        noc.async_write_barrier();
    };
    const auto wait_for_room = [&] {
        room.wait(receivers);
        room.set(0);
    };
    for (uint32_t batch = 0; batch < batches; batch++) {
        const bool there = get_arg_val<uint32_t>(7 + batch);
        wait_for_room();
        tell(there ? VALID : MISSING);
        if (!there) continue;
        for (uint32_t block = 0; block < blocks; block++) {
            in0.reserve_back(pages);
            const uint32_t address = in0.get_write_ptr(), first = (batch * blocks + block) * pages;
            for (uint32_t page = 0; page < pages; page++)
                noc.async_read(tensor, in0, size, {.page_id = first + page}, {.offset_bytes = page * size});
            noc.async_read_barrier();
            wait_for_room();
            noc.async_write_multicast(
                CoreLocalMem<uint32_t>(address), MulticastEndpoint{}, pages * size, receivers, {},
                {.noc_x_start = x0, .noc_y_start = y0, .noc_x_end = x1, .noc_y_end = y1, .addr = address});
            noc.async_writes_flushed();  // on Blackhole the flag may overtake the data otherwise
            tell(VALID);
            in0.push_back(pages);
            in0.pop_front(pages);
        }
    }
}
