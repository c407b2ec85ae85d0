// Copies a tile of each input, which have different formats, to one output.
#include <cstdint>

#include "api/compute/common.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/pack.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/reg_api.h"
#include "api/compute/tile_move_copy.h"

void kernel_main() {
    compute_kernel_hw_startup(0, 16);
    cb_wait_front(0, 1);
    cb_wait_front(1, 1);
    cb_reserve_back(16, 2);
    tile_regs_acquire();
    reconfig_data_format_srca(1);
    copy_init(1);
    copy_tile(1, 0, 0);
    reconfig_data_format_srca(1, 0);
    copy_init(0);
    copy_tile(0, 0, 1);
    tile_regs_commit();
    tile_regs_wait();
    pack_tile(0, 16);
    pack_tile(1, 16);
    tile_regs_release();
    cb_push_back(16, 2);
    cb_pop_front(0, 1);
    cb_pop_front(1, 1);
}
