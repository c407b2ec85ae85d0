// Writes column `c` of a row-major matrix of words as row `c` of another one, for a core's share of the columns.
#include "dataflow_api.h"

void kernel_main() {
    constexpr auto source_args = TensorAccessorArgs<0>();
    constexpr auto target_args = TensorAccessorArgs<source_args.next_compile_time_args_offset()>();
    const uint32_t rows = get_arg_val<uint32_t>(2), row_bytes = get_arg_val<uint32_t>(3);
    const uint32_t first = get_arg_val<uint32_t>(4), last = get_arg_val<uint32_t>(5);
    const auto source = TensorAccessor(source_args, get_arg_val<uint32_t>(0));
    const auto target = TensorAccessor(target_args, get_arg_val<uint32_t>(1));
    cb_reserve_back(0, rows);
    cb_reserve_back(1, 1);
    const uint32_t matrix = get_write_ptr(0), stick = get_write_ptr(1);
    for (uint32_t row = 0; row < rows; row++) noc_async_read_page(row, source, matrix + row * row_bytes);
    noc_async_read_barrier();
    for (uint32_t column = first; column < last; column++) {
        for (uint32_t row = 0; row < rows; row++)
            reinterpret_cast<uint32_t*>(stick)[row] = reinterpret_cast<uint32_t*>(matrix + row * row_bytes)[column];
        noc_async_write_page(column, target, stick, 4 * rows);
        noc_async_write_barrier();
    }
}
