// Copies pages in reverse order with the object API only: Noc, CircularBuffer, TensorAccessor.
#include <cstdint>

#include "api/dataflow/circular_buffer.h"
#include "api/dataflow/dataflow_api.h"
#include "api/dataflow/noc.h"
#include "api/tensor/noc_traits.h"

void kernel_main() {
    constexpr uint32_t pages = get_compile_time_arg_val(0);
    constexpr uint32_t page_size = get_compile_time_arg_val(1);
    constexpr auto source_args = TensorAccessorArgs<2>();
    constexpr auto target_args = TensorAccessorArgs<source_args.next_compile_time_args_offset()>();
    const auto source = TensorAccessor(source_args, get_arg_val<uint32_t>(0), page_size);
    const auto target = TensorAccessor(target_args, get_arg_val<uint32_t>(1), page_size);
    Noc noc;
    CircularBuffer ring(0);

    for (uint32_t i = 0; i < pages; i++) {
        ring.reserve_back(1);
        noc.async_read(source, ring, page_size, {.page_id = i}, {.offset_bytes = 0});
        noc.async_read_barrier();
        ring.push_back(1);
        ring.wait_front(1);
        noc.async_write(ring, target, page_size, {.offset_bytes = 0}, {.page_id = pages - 1 - i});
        noc.async_write_barrier();
        ring.pop_front(1);
    }
}
