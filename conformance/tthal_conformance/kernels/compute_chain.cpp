// Computes (a + b) * a through a circular buffer between the two operations.
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
    for (uint32_t i = 0; i < tiles; i++) {
        cb_wait_front(0, 1);
        cb_wait_front(1, 1);
        add_init(0, 1);
        tile_regs_acquire();
        add_tiles(0, 1, 0, 0, 0);
        tile_regs_commit();
        cb_reserve_back(24, 1);
        tile_regs_wait();
        pack_tile(0, 24);
        tile_regs_release();
        cb_push_back(24, 1);

        cb_wait_front(24, 1);
        mul_init(24, 0);
        tile_regs_acquire();
        mul_tiles(24, 0, 0, 0, 0);
        tile_regs_commit();
        cb_reserve_back(16, 1);
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
        cb_push_back(16, 1);
        cb_pop_front(24, 1);
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);
    }
}
