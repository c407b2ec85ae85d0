// Stage 18: log(1 + exp(x)) in DST without a way through L1; buffer 1 holds a tile of ones.
#include "api/compute/compute_kernel_api.h"
#include "api/compute/eltwise_binary_sfpu.h"
#include "api/compute/eltwise_unary/eltwise_unary.h"
#include "api/compute/eltwise_unary/exp.h"

void kernel_main() {
    const uint32_t tiles = get_arg_val<uint32_t>(0);
    init_sfpu(0, 16);
    cb_wait_front(1, 1);
    for (uint32_t i = 0; i < tiles; i++) {
        cb_wait_front(0, 1);
        tile_regs_acquire();
        copy_tile_init(0);
        copy_tile(0, 0, 0);
        copy_tile_init(1);
        copy_tile(1, 0, 1);
        exp_tile_init();
        exp_tile(0);
        add_binary_tile_init();
        add_binary_tile(0, 1, 0);
        log_tile_init();
        log_tile(0);
        tile_regs_commit();
        cb_pop_front(0, 1);
        cb_reserve_back(16, 1);
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
        cb_push_back(16, 1);
    }
    cb_pop_front(1, 1);
}
