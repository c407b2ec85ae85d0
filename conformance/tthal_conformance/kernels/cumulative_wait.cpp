// Waits for one page, then for all of a ring, before it takes any; then writes the ring's pages in reverse order.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    constexpr uint32_t cb = get_compile_time_arg_val(0);
    constexpr uint32_t page_size = get_compile_time_arg_val(1);
    constexpr uint32_t ring = get_compile_time_arg_val(2);
    constexpr auto args = TensorAccessorArgs<3>();
    const auto target = TensorAccessor(args, get_arg_val<uint32_t>(0), page_size);
    const uint32_t pages = get_arg_val<uint32_t>(1);

    for (uint32_t first = 0; first < pages; first += ring) {
        for (uint32_t count = 1; count <= ring; count++) {
            cb_wait_front(cb, count);
        }
        for (uint32_t i = 0; i < ring; i++) {
            noc_async_write_page(pages - 1 - first - i, target, get_read_ptr(cb) + i * page_size);
        }
        noc_async_write_barrier();
        cb_pop_front(cb, ring);
    }
}
