// Stage 35: the shards lie where the circular buffers are, so there is nothing to move: all tiles are there at once.
#include "api/compute/eltwise_binary.h"

void kernel_main() {
    const uint32_t tiles = get_arg_val<uint32_t>(0);
    binary_op_init_common(0, 1, 16);
    add_tiles_init(0, 1);
    cb_wait_front(0, tiles);
    cb_wait_front(1, tiles);
    cb_reserve_back(16, tiles);
    for (uint32_t i = 0; i < tiles; i++) {
        tile_regs_acquire();
        add_tiles(0, 1, i, i, 0);
        tile_regs_commit();
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
    }
    cb_pop_front(0, tiles);
    cb_pop_front(1, tiles);
    cb_push_back(16, tiles);
}
