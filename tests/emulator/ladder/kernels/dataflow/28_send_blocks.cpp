// Sends blocks of the first operand of a matmul, one page a tile, to a rectangle of cores that each say when they have room.
// Compile-time: pages in a block, blocks, the semaphores "room" and "arrived". The rectangle does not hold this core.
#include "api/core_local_mem.h"
#include "api/dataflow/dataflow_buffer.h"
#include "api/dataflow/endpoints.h"
#include "api/dataflow/noc_semaphore.h"
#include "api/tensor/noc_traits.h"

void kernel_main() {
    constexpr uint32_t pages = get_compile_time_arg_val(0), blocks = get_compile_time_arg_val(1);
    const auto tensor = TensorAccessor(TensorAccessorArgs<4>(), get_arg_val<uint32_t>(0));
    const uint32_t x0 = get_arg_val<uint32_t>(1), y0 = get_arg_val<uint32_t>(2);
    const uint32_t x1 = get_arg_val<uint32_t>(3), y1 = get_arg_val<uint32_t>(4), receivers = get_arg_val<uint32_t>(5);
    const uint32_t size = tensor.get_aligned_page_size();
    const Noc noc;
    DataflowBuffer in0(get_named_compile_time_arg_val("cb_in0"));
    Semaphore<> room(get_compile_time_arg_val(2)), arrived(get_compile_time_arg_val(3));
    arrived.set(VALID);
    for (uint32_t block = 0; block < blocks; block++) {
        in0.reserve_back(pages);
        const uint32_t address = in0.get_write_ptr();
        for (uint32_t page = 0; page < pages; page++)
            noc.async_read(tensor, in0, size, {.page_id = block * pages + page}, {.offset_bytes = page * size});
        noc.async_read_barrier();
        room.wait(receivers);
        room.set(0);
        noc.async_write_multicast(
            CoreLocalMem<uint32_t>(address), MulticastEndpoint{}, pages * size, receivers, {},
            {.noc_x_start = x0, .noc_y_start = y0, .noc_x_end = x1, .noc_y_end = y1, .addr = address});
        noc.async_writes_flushed();  // on Blackhole the flag may overtake the data otherwise
        arrived.set_multicast(noc, x0, y0, x1, y1, receivers);
        noc.async_writes_flushed();
        in0.push_back(pages);
    }
    noc.async_write_barrier();
}
