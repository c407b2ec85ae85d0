#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    constexpr uint32_t Nt = get_compile_time_arg_val(0);
    constexpr uint32_t rows = get_compile_time_arg_val(1), columns = get_compile_time_arg_val(2);
    constexpr auto c_args = TensorAccessorArgs<3>();
    const uint32_t row0 = get_arg_val<uint32_t>(1), column0 = get_arg_val<uint32_t>(2);
    const uint32_t blocks_down = get_arg_val<uint32_t>(3), blocks_across = get_arg_val<uint32_t>(4);
    const auto c = TensorAccessor(c_args, get_arg_val<uint32_t>(0), get_tile_size(16));
    for (uint32_t block = 0; block < blocks_down * blocks_across; block++) {
        const uint32_t row = row0 + block / blocks_across * rows, column = column0 + block % blocks_across * columns;
        cb_wait_front(16, rows * columns);
        for (uint32_t tile = 0; tile < rows * columns; tile++)
            noc_async_write_tile((row + tile / columns) * Nt + column + tile % columns, c,
                                 get_read_ptr(16) + tile * get_tile_size(16));
        noc_async_write_barrier();
        cb_pop_front(16, rows * columns);
    }
}
