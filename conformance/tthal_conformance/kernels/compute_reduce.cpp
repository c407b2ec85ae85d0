// Reduces all tiles onto one, with the pool and the dimension that the macros POOL and DIMENSION name.
#include <cstdint>

#include "api/compute/common.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/pack.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/reg_api.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/reduce.h"

void kernel_main() {
    constexpr uint32_t tiles = get_compile_time_arg_val(0);
    compute_kernel_hw_startup(0, 1, 16);
    reduce_init<PoolType::POOL, ReduceDim::DIMENSION>(0, 1, 16);
    cb_wait_front(1, 1);
    cb_wait_front(0, tiles);
    tile_regs_acquire();
    for (uint32_t i = 0; i < tiles; i++) {
        reduce_tile<PoolType::POOL, ReduceDim::DIMENSION>(0, 1, i, 0, 0);
    }
    tile_regs_commit();
    cb_reserve_back(16, 1);
    tile_regs_wait();
    pack_tile(0, 16);
    tile_regs_release();
    cb_push_back(16, 1);
    reduce_uninit();
    cb_pop_front(0, tiles);
    cb_pop_front(1, 1);
}
