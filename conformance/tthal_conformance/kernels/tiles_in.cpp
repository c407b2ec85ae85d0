// Fills circular buffers with the pages of buffers, one page of each in turn.
// Compile-time arguments: how many buffers, then each one's accessor. Runtime arguments, four for each: its address, how
// many pages, bytes of a page, and which circular buffer.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

constexpr uint32_t INPUTS = get_compile_time_arg_val(0);

template <uint32_t input, uint32_t offset>
bool fetch(uint32_t page) {
    if constexpr (input == INPUTS) {
        return false;
    } else {
        constexpr auto args = TensorAccessorArgs<offset>();
        constexpr uint32_t first = 4 * input;
        const uint32_t pages = get_arg_val<uint32_t>(first + 1), cb = get_arg_val<uint32_t>(first + 3);
        const auto source = TensorAccessor(args, get_arg_val<uint32_t>(first), get_arg_val<uint32_t>(first + 2));
        if (page < pages) {
            cb_reserve_back(cb, 1);
            noc_async_read_page(page, source, get_write_ptr(cb));
            noc_async_read_barrier();
            cb_push_back(cb, 1);
        }
        const bool others = fetch<input + 1, args.next_compile_time_args_offset()>(page);
        return others || page + 1 < pages;
    }
}

void kernel_main() {
    for (uint32_t page = 0; fetch<0, 1>(page); page++) {
    }
}
