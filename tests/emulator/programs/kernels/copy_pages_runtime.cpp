// The same copy with accessors whose words are common runtime arguments at an offset known only at run time.
#include "dataflow_api.h"

void kernel_main() {
    constexpr auto source_args = TensorAccessorArgs<0, 0>();
    const auto target_args =
        TensorAccessorArgs<source_args.next_compile_time_args_offset()>(source_args.next_common_runtime_args_offset());
    const auto source = TensorAccessor(source_args, get_arg_val<uint32_t>(0));
    const auto target = TensorAccessor(target_args, get_arg_val<uint32_t>(1), source.get_aligned_page_size());
    const uint32_t first = get_arg_val<uint32_t>(2), count = get_arg_val<uint32_t>(3), bytes = get_arg_val<uint32_t>(4);
    cb_reserve_back(0, 1);
    const uint32_t l1 = get_write_ptr(0);
    for (uint32_t page = first; page < first + count; page++) {
        noc_async_read(source.get_noc_addr(page), l1, bytes);
        noc_async_read_barrier();
        noc_async_write(l1, target.get_noc_addr(page), bytes);
        noc_async_write_barrier();
    }
}
