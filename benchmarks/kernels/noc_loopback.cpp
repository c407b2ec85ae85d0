// Copies a core's share of the pages through its L1, a batch between two barriers.
#include "dataflow_api.h"

void kernel_main() {
    constexpr auto source_args = TensorAccessorArgs<0>();
    constexpr auto target_args = TensorAccessorArgs<source_args.next_compile_time_args_offset()>();
    const auto source = TensorAccessor(source_args, get_arg_val<uint32_t>(0));
    const auto target = TensorAccessor(target_args, get_arg_val<uint32_t>(1));
    const uint32_t first = get_arg_val<uint32_t>(2), count = get_arg_val<uint32_t>(3), batch = get_arg_val<uint32_t>(4);
    const uint32_t l1 = get_write_ptr(0), page_size = source.get_aligned_page_size();
    for (uint32_t page = first; page < first + count; page += batch) {
        for (uint32_t i = 0; i < batch; i++) noc_async_read_page(page + i, source, l1 + i * page_size);
        noc_async_read_barrier();
        for (uint32_t i = 0; i < batch; i++) noc_async_write_page(page + i, target, l1 + i * page_size);
        noc_async_write_barrier();
    }
}
