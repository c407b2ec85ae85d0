// Stage 30: blocks of 32 rows to tiles. Compile-time arguments: the buffers, blocks, tiles of a block.
#include "api/compute/tilize.h"

void kernel_main() {
    constexpr uint32_t in = get_compile_time_arg_val(0), out = get_compile_time_arg_val(1);
    constexpr uint32_t blocks = get_compile_time_arg_val(2), width = get_compile_time_arg_val(3);
    compute_kernel_hw_startup(in, out);
    tilize_init(in, width, out);
    for (uint32_t block = 0; block < blocks; block++) {
        cb_wait_front(in, width);
        cb_reserve_back(out, width);
        tilize_block(in, width, out);
        cb_push_back(out, width);
        cb_pop_front(in, width);
    }
    tilize_uninit(in, out);
}
