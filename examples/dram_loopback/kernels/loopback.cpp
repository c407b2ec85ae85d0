// Copies pages from one DRAM buffer to another by way of L1, `depth` pages in a round.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    const uint32_t source_address = get_arg_val<uint32_t>(0);
    const uint32_t result_address = get_arg_val<uint32_t>(1);
    const uint32_t num_pages = get_arg_val<uint32_t>(2);

    constexpr uint32_t depth = get_compile_time_arg_val(0);
    constexpr uint32_t page_bytes = get_compile_time_arg_val(1);
    constexpr uint32_t cb_memory = 0;
    constexpr auto source_args = TensorAccessorArgs<2>();
    constexpr auto result_args = TensorAccessorArgs<source_args.next_compile_time_args_offset()>();
    const auto source = TensorAccessor(source_args, source_address);
    const auto result = TensorAccessor(result_args, result_address);

    // Nobody else uses the circular buffer, so its pages are plain memory.
    const uint32_t memory = get_write_ptr(cb_memory);
    for (uint32_t first = 0; first < num_pages; first += depth) {
        const uint32_t count = num_pages - first < depth ? num_pages - first : depth;
        for (uint32_t i = 0; i < count; i++) noc_async_read_page(first + i, source, memory + i * page_bytes);
        noc_async_read_barrier();  // without it the writes would send what was in L1 before
        for (uint32_t i = 0; i < count; i++) noc_async_write_page(first + i, result, memory + i * page_bytes);
        noc_async_write_barrier();  // without it the next round would overwrite pages that have not left
    }
}
