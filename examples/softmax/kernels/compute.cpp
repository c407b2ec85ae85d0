// softmax of rows of `width` tiles: exp(x - max) / sum, where max and sum are columns that are broadcast over the row.
#include <cstdint>

#include "api/compute/bcast.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/eltwise_unary/exp.h"
#include "api/compute/eltwise_unary/recip.h"
#include "api/compute/pack.h"
#include "api/compute/reduce.h"
#include "api/compute/reg_api.h"

constexpr uint32_t cb_x = 0, cb_one = 1, cb_y = 16, cb_max = 24, cb_exp = 25, cb_inverse = 26;

// Pushes `tiles` tiles, each made in DST tile 0 by `make`.
template <typename Make>
void produce(uint32_t cb, uint32_t tiles, Make make) {
    cb_reserve_back(cb, tiles);
    for (uint32_t tile = 0; tile < tiles; tile++) {
        tile_regs_acquire();
        make(tile);
        tile_regs_commit();
        tile_regs_wait();
        pack_tile(0, cb);
        tile_regs_release();
    }
    cb_push_back(cb, tiles);
}

void kernel_main() {
    const uint32_t rows = get_arg_val<uint32_t>(0);
    constexpr uint32_t width = get_compile_time_arg_val(0);

    compute_kernel_hw_startup(cb_x, cb_one, cb_max);
    cb_wait_front(cb_one, 1);
    for (uint32_t row = 0; row < rows; row++) {
        cb_wait_front(cb_x, width);
        reduce_init<PoolType::MAX, ReduceDim::REDUCE_ROW>(cb_x, cb_one, cb_max);
        produce(cb_max, 1, [](uint32_t) {
            for (uint32_t tile = 0; tile < width; tile++)
                reduce_tile<PoolType::MAX, ReduceDim::REDUCE_ROW>(cb_x, cb_one, tile, 0, 0);
        });
        reduce_uninit();

        cb_wait_front(cb_max, 1);
        sub_bcast_cols_init(cb_x, cb_max);
        exp_tile_init();
        produce(cb_exp, width, [](uint32_t tile) {
            sub_tiles_bcast_cols(cb_x, cb_max, tile, 0, 0);
            exp_tile(0);
        });
        cb_pop_front(cb_x, width);
        cb_pop_front(cb_max, 1);

        cb_wait_front(cb_exp, width);
        reduce_init<PoolType::SUM, ReduceDim::REDUCE_ROW>(cb_exp, cb_one, cb_inverse);
        recip_tile_init();
        produce(cb_inverse, 1, [](uint32_t) {
            for (uint32_t tile = 0; tile < width; tile++)
                reduce_tile<PoolType::SUM, ReduceDim::REDUCE_ROW>(cb_exp, cb_one, tile, 0, 0);
            recip_tile(0);
        });
        reduce_uninit();

        cb_wait_front(cb_inverse, 1);
        mul_bcast_cols_init(cb_exp, cb_inverse);
        produce(cb_y, width, [](uint32_t tile) { mul_tiles_bcast_cols(cb_exp, cb_inverse, tile, 0, 0); });
        cb_pop_front(cb_exp, width);
        cb_pop_front(cb_inverse, 1);
    }
}
