// Writes the pages of circular buffers to buffers as they come, one page of each in turn.
// Compile-time arguments: how many buffers, then each one's accessor. Runtime arguments, five for each: its address, how
// many pages, bytes of a page, which circular buffer, and the first page that this core writes.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

constexpr uint32_t OUTPUTS = get_compile_time_arg_val(0);

template <uint32_t output, uint32_t offset>
bool store(uint32_t page) {
    if constexpr (output == OUTPUTS) {
        return false;
    } else {
        constexpr auto args = TensorAccessorArgs<offset>();
        constexpr uint32_t first = 5 * output;
        const uint32_t pages = get_arg_val<uint32_t>(first + 1), cb = get_arg_val<uint32_t>(first + 3);
        const auto target = TensorAccessor(args, get_arg_val<uint32_t>(first), get_arg_val<uint32_t>(first + 2));
        if (page < pages) {
            cb_wait_front(cb, 1);
            noc_async_write_page(get_arg_val<uint32_t>(first + 4) + page, target, get_read_ptr(cb));
            noc_async_write_barrier();
            cb_pop_front(cb, 1);
        }
        const bool others = store<output + 1, args.next_compile_time_args_offset()>(page);
        return others || page + 1 < pages;
    }
}

void kernel_main() {
    for (uint32_t page = 0; store<0, 1>(page); page++) {
    }
}
