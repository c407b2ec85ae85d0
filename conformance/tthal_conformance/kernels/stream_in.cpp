// Reads pages into a circular buffer, BLOCK at a time.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    constexpr uint32_t cb = get_compile_time_arg_val(0);
    constexpr uint32_t page_size = get_compile_time_arg_val(1);
    constexpr uint32_t block = get_compile_time_arg_val(2);
    constexpr auto args = TensorAccessorArgs<3>();
    const auto source = TensorAccessor(args, get_arg_val<uint32_t>(0), page_size);
    const uint32_t pages = get_arg_val<uint32_t>(1);

    for (uint32_t i = 0; i < pages; i += block) {
        cb_reserve_back(cb, block);
        for (uint32_t j = 0; j < block; j++) {
            noc_async_read_page(i + j, source, get_write_ptr(cb) + j * page_size);
        }
        noc_async_read_barrier();
        cb_push_back(cb, block);
    }
}
