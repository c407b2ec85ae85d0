// One operand of a multicast matmul: the first core of a line reads a block and multicasts it along the line.
// Compile-time: the circular buffer, the two semaphores. The other cores of the line wait for it.
#include "api/dataflow/circular_buffer.h"
#include "api/dataflow/endpoints.h"
#include "api/dataflow/noc_semaphore.h"
#include "api/tensor/noc_traits.h"

void kernel_main() {
    constexpr uint32_t cb = get_compile_time_arg_val(0);
    const auto tensor = TensorAccessor(TensorAccessorArgs<3>(), get_arg_val<uint32_t>(0));
    const uint32_t first_page = get_arg_val<uint32_t>(1), stride = get_arg_val<uint32_t>(2),
                   blocks = get_arg_val<uint32_t>(3);
    const bool sends = get_arg_val<uint32_t>(4);
    const uint32_t sender_x = get_arg_val<uint32_t>(5), sender_y = get_arg_val<uint32_t>(6);
    const uint32_t x0 = get_arg_val<uint32_t>(7), y0 = get_arg_val<uint32_t>(8);
    const uint32_t x1 = get_arg_val<uint32_t>(9), y1 = get_arg_val<uint32_t>(10), receivers = get_arg_val<uint32_t>(11);
    Semaphore<> ready(get_compile_time_arg_val(1)), arrived(get_compile_time_arg_val(2));
    CircularBuffer buffer(cb);
    Noc noc;
    for (uint32_t block = 0; block < blocks; block++) {
        buffer.reserve_back(1);
        if (sends) {
            noc.async_read(tensor, buffer, tensor.get_aligned_page_size(), {.page_id = first_page + block * stride},
                           {});
            noc.async_read_barrier();
            ready.wait(receivers);
            ready.set(0);
            const uint32_t address = buffer.get_write_ptr();
            noc.async_write_multicast(
                use<CircularBuffer::AddrSelector::WRITE_PTR>(buffer), MulticastEndpoint{},
                tensor.get_aligned_page_size(), receivers, {},
                {.noc_x_start = x0, .noc_y_start = y0, .noc_x_end = x1, .noc_y_end = y1, .addr = address});
            noc.async_writes_flushed();  // on Blackhole the flag may overtake the data otherwise
            arrived.set(VALID);
            arrived.set_multicast(noc, x0, y0, x1, y1, receivers);
            noc.async_writes_flushed();
        } else {
            arrived.set(INVALID);
            ready.up(noc, sender_x, sender_y, 1);
            arrived.wait(VALID);
        }
        buffer.push_back(1);
    }
    noc.async_write_barrier();
    noc.async_atomic_barrier();
}
