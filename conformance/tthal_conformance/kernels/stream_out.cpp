// Writes pages from a circular buffer to a buffer in reverse order, one at a time.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    constexpr uint32_t cb = get_compile_time_arg_val(0);
    constexpr uint32_t page_size = get_compile_time_arg_val(1);
    constexpr auto args = TensorAccessorArgs<2>();
    const auto target = TensorAccessor(args, get_arg_val<uint32_t>(0), page_size);
    const uint32_t pages = get_arg_val<uint32_t>(1);

    for (uint32_t i = 0; i < pages; i++) {
        cb_wait_front(cb, 1);
        noc_async_write_page(pages - 1 - i, target, get_read_ptr(cb));
        noc_async_write_barrier();
        cb_pop_front(cb, 1);
    }
}
