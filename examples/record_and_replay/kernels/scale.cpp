// Multiplies the numbers of a page by a factor, on a data-movement processor.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    constexpr uint32_t page_bytes = get_compile_time_arg_val(0);
    constexpr uint32_t cb_page = 0;
    constexpr auto args = TensorAccessorArgs<1>();
    const auto x = TensorAccessor(args, get_arg_val<uint32_t>(0));
    const auto y = TensorAccessor(args, get_arg_val<uint32_t>(1));
    const uint32_t num_pages = get_arg_val<uint32_t>(2), factor = get_arg_val<uint32_t>(3);

    const uint32_t page = get_write_ptr(cb_page);
    auto* numbers = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(page);
    for (uint32_t i = 0; i < num_pages; i++) {
        noc_async_read_page(i, x, page);
        noc_async_read_barrier();
        for (uint32_t k = 0; k < page_bytes / sizeof(uint32_t); k++) numbers[k] *= factor;
        noc_async_write_page(i, y, page);
        noc_async_write_barrier();
    }
}
