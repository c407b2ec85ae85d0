// Fills circular buffer 0, and 1 when there is a second input, with a buffer's pages.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

template <typename Args>
void fill(const Args& args, uint32_t cb, uint32_t first_arg) {
    const uint32_t pages = get_arg_val<uint32_t>(first_arg + 1);
    const auto source = TensorAccessor(args, get_arg_val<uint32_t>(first_arg), get_arg_val<uint32_t>(first_arg + 2));
    for (uint32_t i = 0; i < pages; i++) {
        cb_reserve_back(cb, 1);
        noc_async_read_page(i, source, get_write_ptr(cb));
        noc_async_read_barrier();
        cb_push_back(cb, 1);
    }
}

void kernel_main() {
    constexpr uint32_t inputs = get_compile_time_arg_val(0);
    constexpr auto first = TensorAccessorArgs<1>();
    fill(first, 0, 0);
    if constexpr (inputs > 1) {
        constexpr auto second = TensorAccessorArgs<inputs == 1 ? 1 : first.next_compile_time_args_offset()>();
        fill(second, 1, 3);
    }
}
