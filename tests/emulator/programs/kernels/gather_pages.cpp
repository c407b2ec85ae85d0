// Gathers the pages that a list names, and scatters them to the places that another list names; the lists are arguments.
#include "dataflow_api.h"

void kernel_main() {
    constexpr auto source_args = TensorAccessorArgs<0>();
    constexpr auto target_args = TensorAccessorArgs<source_args.next_compile_time_args_offset()>();
    const auto source = TensorAccessor(source_args, get_common_arg_val<uint32_t>(0));
    const auto target = TensorAccessor(target_args, get_common_arg_val<uint32_t>(1));
    const uint32_t count = get_arg_val<uint32_t>(0);
    const uint32_t* from = reinterpret_cast<const uint32_t*>(get_arg_addr(1));
    const uint32_t* to = from + count;
    cb_reserve_back(0, count);
    uint32_t l1 = get_write_ptr(0);
    // Each read has a transaction id of its own, and each write goes when its own page has come.
    for (uint32_t i = 0; i < count; i++) {
        noc_async_read_set_trid(1 + i % 15);
        noc_async_read_page(from[i], source, l1 + i * source.get_aligned_page_size());
    }
    for (uint32_t i = 0; i < count; i++) {
        noc_async_read_barrier_with_trid(1 + i % 15);
        noc_async_write_page(to[i], target, l1 + i * source.get_aligned_page_size());
    }
    noc_async_write_barrier();
}
