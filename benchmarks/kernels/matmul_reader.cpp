// Streams the tiles of A (Mt x Kt) and B (Kt x Nt) that a core's outputs need: for every block of `rows` x `columns`
// output tiles and every k, a column of A's block and a row of B's; `depth` steps of k at a time.
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    constexpr uint32_t Kt = get_compile_time_arg_val(0), Nt = get_compile_time_arg_val(1);
    constexpr uint32_t rows = get_compile_time_arg_val(2), columns = get_compile_time_arg_val(3);
    constexpr uint32_t depth = get_compile_time_arg_val(4);
    constexpr auto a_args = TensorAccessorArgs<5>();
    constexpr auto b_args = TensorAccessorArgs<a_args.next_compile_time_args_offset()>();
    const uint32_t row0 = get_arg_val<uint32_t>(2), column0 = get_arg_val<uint32_t>(3);
    const uint32_t blocks_down = get_arg_val<uint32_t>(4), blocks_across = get_arg_val<uint32_t>(5);
    const auto a = TensorAccessor(a_args, get_arg_val<uint32_t>(0), get_tile_size(0));
    const auto b = TensorAccessor(b_args, get_arg_val<uint32_t>(1), get_tile_size(1));

    for (uint32_t block = 0; block < blocks_down * blocks_across; block++) {
        const uint32_t row = row0 + block / blocks_across * rows, column = column0 + block % blocks_across * columns;
        for (uint32_t k = 0; k < Kt; k += depth) {
            cb_reserve_back(0, depth * rows);
            cb_reserve_back(1, depth * columns);
            uint32_t to_a = get_write_ptr(0), to_b = get_write_ptr(1);
            for (uint32_t step = k; step < k + depth; step++) {
                for (uint32_t r = 0; r < rows; r++, to_a += get_tile_size(0))
                    noc_async_read_tile((row + r) * Kt + step, a, to_a);
                for (uint32_t c = 0; c < columns; c++, to_b += get_tile_size(1))
                    noc_async_read_tile(step * Nt + column + c, b, to_b);
            }
            noc_async_read_barrier();
            cb_push_back(0, depth * rows);
            cb_push_back(1, depth * columns);
        }
    }
}
