// Copies as many tiles as its runtime, common and named arguments and its macro say together.
#include <cstdint>

#include "api/compute/common.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/pack.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/reg_api.h"
#include "api/compute/tile_move_copy.h"

void kernel_main() {
    constexpr uint32_t named = get_named_compile_time_arg_val("named");
    const uint32_t tiles = get_arg_val<uint32_t>(0) + get_common_arg_val<uint32_t>(0) + named + EXTRA;
    compute_kernel_hw_startup(0, 16);
    copy_init(0);
    cb_wait_front(0, tiles);
    for (uint32_t i = 0; i < tiles; i++) {
        tile_regs_acquire();
        copy_tile(0, tiles - 1 - i, 0);
        tile_regs_commit();
        cb_reserve_back(16, 1);
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
        cb_push_back(16, 1);
    }
    cb_pop_front(0, tiles);
}
