// Stage 29: every tile transposed; the reader has put the tiles in columns' order.
#include "compute_kernel_api/transpose_wh.h"

void kernel_main() {
    const uint32_t tiles = get_arg_val<uint32_t>(0);
    transpose_wh_init(0, 16);
    for (uint32_t i = 0; i < tiles; i++) {
        cb_wait_front(0, 1);
        cb_reserve_back(16, 1);
        acquire_dst();
        transpose_wh_tile(0, 0, 0);
        pack_tile(0, 16);
        release_dst();
        cb_push_back(16, 1);
        cb_pop_front(0, 1);
    }
}
