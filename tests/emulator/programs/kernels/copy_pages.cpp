// Copies a core's share of the pages of one tensor to another, through a circular buffer of one page.
#include "api/dataflow/circular_buffer.h"
#include "api/dataflow/noc.h"
#include "api/tensor/noc_traits.h"

void kernel_main() {
    constexpr auto source_args = TensorAccessorArgs<0, 0>();
    constexpr auto target_args = TensorAccessorArgs<source_args.next_compile_time_args_offset(),
                                                    source_args.next_common_runtime_args_offset()>();
    const auto source = TensorAccessor(source_args, get_arg_val<uint32_t>(0));
    const auto target = TensorAccessor(target_args, get_arg_val<uint32_t>(1));
    const uint32_t first = get_arg_val<uint32_t>(2), count = get_arg_val<uint32_t>(3), bytes = get_arg_val<uint32_t>(4);
    Noc noc;
    CircularBuffer buffer(0);
    for (uint32_t page = first; page < first + count; page++) {
        buffer.reserve_back(1);
        noc.async_read(source, buffer, bytes, {.page_id = page}, {});
        noc.async_read_barrier();
        buffer.push_back(1);
        buffer.wait_front(1);
        noc.async_write(buffer, target, bytes, {}, {.page_id = page});
        noc.async_write_barrier();
        buffer.pop_front(1);
    }
}
