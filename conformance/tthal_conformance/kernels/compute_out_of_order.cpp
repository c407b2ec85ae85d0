// Packs tiles to places of their own choice: tile i to place (i + 1) mod n.
#include <cstdint>

#include "api/compute/common.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/pack.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/reg_api.h"
#include "api/compute/tile_move_copy.h"

void kernel_main() {
    constexpr uint32_t tiles = get_compile_time_arg_val(0);
    compute_kernel_hw_startup(0, 16);
    copy_init(0);
    cb_wait_front(0, tiles);
    cb_reserve_back(16, tiles);
    for (uint32_t i = 0; i < tiles; i++) {
        tile_regs_acquire();
        copy_tile(0, i, 0);
        tile_regs_commit();
        tile_regs_wait();
        pack_tile<true>(0, 16, (i + 1) % tiles);
        tile_regs_release();
    }
    cb_push_back(16, tiles);
    cb_pop_front(0, tiles);
}
