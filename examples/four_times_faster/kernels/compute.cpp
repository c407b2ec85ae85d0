// y = max(x, 0), `block` tiles per wait, `in_dst` of them in a section of DST.
#include <cstdint>

#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/eltwise_unary/eltwise_unary.h"
#include "api/compute/eltwise_unary/relu.h"
#include "api/compute/pack.h"
#include "api/compute/reg_api.h"
#include "api/compute/tile_move_copy.h"

void kernel_main() {
    const uint32_t num_tiles = get_arg_val<uint32_t>(0);
    constexpr uint32_t block = get_compile_time_arg_val(0), in_dst = get_compile_time_arg_val(1);
    constexpr uint32_t cb_x = 0, cb_y = 16;

    init_sfpu(cb_x, cb_y);
    relu_tile_init();
    for (uint32_t tile = 0; tile < num_tiles; tile += block) {
        cb_wait_front(cb_x, block);
        cb_reserve_back(cb_y, block);
        for (uint32_t first = 0; first < block; first += in_dst) {
            tile_regs_acquire();
            for (uint32_t i = 0; i < in_dst; i++) {
                copy_tile(cb_x, first + i, i);
                relu_tile(i);
            }
            tile_regs_commit();
            tile_regs_wait();
            for (uint32_t i = 0; i < in_dst; i++) pack_tile(i, cb_y);
            tile_regs_release();
        }
        cb_push_back(cb_y, block);
        cb_pop_front(cb_x, block);
    }
}
