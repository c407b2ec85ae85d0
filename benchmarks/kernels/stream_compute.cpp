// One tile operation after the other on streams of tiles; which one is a runtime argument.
#include "api/compute/eltwise_binary.h"
#include "api/compute/reduce.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/tilize.h"

void calculate(uint32_t what) {
    switch (what) {
        case 0: return copy_tile(0, 0, 0);
        case 1: return add_tiles(0, 1, 0, 0, 0);
        case 2: return mul_tiles(0, 1, 0, 0, 0);
        case 3: return reduce_tile<PoolType::SUM, ReduceDim::REDUCE_ROW>(0, 1, 0, 0, 0);
    }
}

void set_up(uint32_t what) {
    compute_kernel_hw_startup(0, 1, 16);
    switch (what) {
        case 0: return copy_init(0);
        case 1: return add_init(0, 1);
        case 2: return mul_init(0, 1);
        case 3: return reduce_init<PoolType::SUM, ReduceDim::REDUCE_ROW>(0, 1, 16);
    }
}

void kernel_main() {
    const uint32_t tiles = get_arg_val<uint32_t>(0), what = get_arg_val<uint32_t>(1);
    if (what == 4) {
        compute_kernel_hw_startup(0, 16);
        tilize_init(0, 1, 16);
    } else {
        set_up(what);
    }
    for (uint32_t i = 0; i < tiles; i++) {
        cb_wait_front(0, 1);
        cb_wait_front(1, 1);
        cb_reserve_back(16, 1);
        if (what == 4) {
            tilize_block(0, 1, 16);
        } else {
            tile_regs_acquire();
            calculate(what);
            tile_regs_commit();
            tile_regs_wait();
            pack_tile(0, 16);
            tile_regs_release();
        }
        cb_push_back(16, 1);
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);
    }
}
