// Core 0: y = x + x.
#include <cstdint>

#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/pack.h"
#include "api/compute/reg_api.h"

void kernel_main() {
    constexpr uint32_t num_tiles = get_compile_time_arg_val(0);
    constexpr uint32_t cb_x = 0, cb_y = 16;

    compute_kernel_hw_startup(cb_x, cb_x, cb_y);
    add_init(cb_x, cb_x);
    for (uint32_t tile = 0; tile < num_tiles; tile++) {
        cb_wait_front(cb_x, 1);
        tile_regs_acquire();
        add_tiles(cb_x, cb_x, 0, 0, 0);
        tile_regs_commit();

        cb_reserve_back(cb_y, 1);
        tile_regs_wait();
        pack_tile(0, cb_y);
        tile_regs_release();
        cb_push_back(cb_y, 1);
    }
}
