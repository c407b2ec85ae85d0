// Stage 15: any number of tiles through buffers of two pages.
#include "api/compute/eltwise_binary.h"

void kernel_main() {
    constexpr auto a = tt::CBIndex::c_0, b = tt::CBIndex::c_1, out = tt::CBIndex::c_16;
    const uint32_t tiles = get_arg_val<uint32_t>(0);
    binary_op_init_common(a, b, out);
    add_tiles_init(a, b);
    for (uint32_t i = 0; i < tiles; i++) {
        cb_wait_front(a, 1);
        cb_wait_front(b, 1);
        tile_regs_acquire();
        add_tiles(a, b, 0, 0, 0);
        tile_regs_commit();
        cb_pop_front(a, 1);
        cb_pop_front(b, 1);
        cb_reserve_back(out, 1);
        tile_regs_wait();
        pack_tile(0, out);
        tile_regs_release();
        cb_push_back(out, 1);
    }
}
