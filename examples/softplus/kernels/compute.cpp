// y = log(1 + exp(x)), all of it in DST: the matrix unit only copies the tile in.
#include <cstdint>

#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/eltwise_unary/binop_with_scalar.h"
#include "api/compute/eltwise_unary/eltwise_unary.h"
#include "api/compute/eltwise_unary/exp.h"
#include "api/compute/eltwise_unary/sfpu_split_includes.h"
#include "api/compute/pack.h"
#include "api/compute/reg_api.h"
#include "api/compute/tile_move_copy.h"

void kernel_main() {
    constexpr uint32_t num_tiles = get_compile_time_arg_val(0);
    constexpr bool fast = get_compile_time_arg_val(1);
    constexpr uint32_t cb_x = 0, cb_y = 16;
    constexpr uint32_t one = 0x3F800000;  // 1.0f, as the operation takes its scalar

    init_sfpu(cb_x, cb_y);
    for (uint32_t tile = 0; tile < num_tiles; tile++) {
        cb_wait_front(cb_x, 1);
        tile_regs_acquire();
        copy_tile(cb_x, 0, 0);
        exp_tile_init<fast>();
        exp_tile<fast>(0);
        binop_with_scalar_tile_init();
        add_unary_tile(0, one);
        log_tile_init();
        log_tile(0);
        tile_regs_commit();
        cb_pop_front(cb_x, 1);

        cb_reserve_back(cb_y, 1);
        tile_regs_wait();
        pack_tile(0, cb_y);
        tile_regs_release();
        cb_push_back(cb_y, 1);
    }
}
