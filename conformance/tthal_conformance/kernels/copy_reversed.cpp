// Copies a buffer's pages to another buffer in reverse order, through one page of circular buffer 0.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    constexpr uint32_t pages = get_compile_time_arg_val(0);
    constexpr uint32_t page_size = get_compile_time_arg_val(1);
    constexpr auto source_args = TensorAccessorArgs<2>();
    constexpr auto target_args = TensorAccessorArgs<source_args.next_compile_time_args_offset()>();
    const auto source = TensorAccessor(source_args, get_arg_val<uint32_t>(0), page_size);
    const auto target = TensorAccessor(target_args, get_arg_val<uint32_t>(1), page_size);

    const uint32_t page = get_write_ptr(0);
    for (uint32_t i = 0; i < pages; i++) {
        noc_async_read_page(i, source, page);
        noc_async_read_barrier();
        noc_async_write_page(pages - 1 - i, target, page);
        noc_async_write_barrier();
    }
}
