// Holds several tiles in DST at once: adds pairs into DST 0 to 3, packs them in reverse order.
#include <cstdint>

#include "api/compute/common.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/pack.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/reg_api.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/eltwise_binary.h"

void kernel_main() {
    constexpr uint32_t tiles = get_compile_time_arg_val(0);
    compute_kernel_hw_startup(0, 1, 16);
    add_init(0, 1);
    cb_wait_front(0, tiles);
    cb_wait_front(1, tiles);
    tile_regs_acquire();
    for (uint32_t i = 0; i < tiles; i++) {
        add_tiles(0, 1, i, i, i);
    }
    tile_regs_commit();
    cb_reserve_back(16, tiles);
    tile_regs_wait();
    for (uint32_t i = 0; i < tiles; i++) {
        pack_tile(tiles - 1 - i, 16);
    }
    tile_regs_release();
    cb_push_back(16, tiles);
    cb_pop_front(0, tiles);
    cb_pop_front(1, tiles);
}
