// Reads what a core needs for its share of the tiles of a matrix product: for each, a row of A and a column of B.
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    const uint32_t depth = get_arg_val<uint32_t>(2), columns = get_arg_val<uint32_t>(3);
    const uint32_t first = get_arg_val<uint32_t>(4), count = get_arg_val<uint32_t>(5);
    constexpr auto a_layout = TensorAccessorArgs<0>();
    constexpr auto b_layout = TensorAccessorArgs<a_layout.next_compile_time_args_offset()>();
    const auto a = TensorAccessor(a_layout, get_arg_val<uint32_t>(0));
    const auto b = TensorAccessor(b_layout, get_arg_val<uint32_t>(1));
    for (uint32_t tile = first; tile < first + count; tile++) {
        for (uint32_t k = 0; k < depth; k++) {
            cb_reserve_back(tt::CBIndex::c_0, 1);
            cb_reserve_back(tt::CBIndex::c_1, 1);
            noc_async_read_tile(tile / columns * depth + k, a, get_write_ptr(tt::CBIndex::c_0));
            noc_async_read_tile(k * columns + tile % columns, b, get_write_ptr(tt::CBIndex::c_1));
            noc_async_read_barrier();
            cb_push_back(tt::CBIndex::c_0, 1);
            cb_push_back(tt::CBIndex::c_1, 1);
        }
    }
}
