// Stage 30: tiles to blocks of 32 rows. Compile-time arguments: blocks, tiles of a block, the buffers.
#include "api/compute/pack_untilize.h"

void kernel_main() {
    constexpr uint32_t blocks = get_compile_time_arg_val(0), width = get_compile_time_arg_val(1);
    constexpr uint32_t in = get_compile_time_arg_val(2), out = get_compile_time_arg_val(3);
    compute_kernel_hw_startup(in, out);
    pack_untilize_init<width>(in, out);
    for (uint32_t block = 0; block < blocks; block++) {
        cb_wait_front(in, width);
        cb_reserve_back(out, width);
        pack_untilize_block<width>(in, 1, out);
        cb_push_back(out, width);
        cb_pop_front(in, width);
    }
    pack_untilize_uninit(out);
}
