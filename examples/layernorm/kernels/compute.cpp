// (x - mean) / sqrt(variance + epsilon) * gamma + beta over rows of `width` tiles.
#include <cstdint>

#include "api/compute/bcast.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/eltwise_unary/rsqrt.h"
#include "api/compute/pack.h"
#include "api/compute/reduce.h"
#include "api/compute/reg_api.h"

constexpr uint32_t width = get_compile_time_arg_val(0);
// Tile 0 of the factors is filled with 1 / columns, tile 1 with epsilon.
constexpr uint32_t cb_x = 0, cb_factors = 1, cb_gamma = 2, cb_beta = 3, cb_y = 16;
constexpr uint32_t cb_mean = 24, cb_centred = 25, cb_squares = 26, cb_variance = 27, cb_inverse = 28, cb_scaled = 29;

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

// The mean of each row of a row of tiles, as a column.
void mean_of_rows(uint32_t cb_in, uint32_t cb_out) {
    cb_wait_front(cb_in, width);
    reduce_init<PoolType::SUM, ReduceDim::REDUCE_ROW>(cb_in, cb_factors, cb_out);
    produce(cb_out, 1, [=](uint32_t) {
        for (uint32_t tile = 0; tile < width; tile++)
            reduce_tile<PoolType::SUM, ReduceDim::REDUCE_ROW>(cb_in, cb_factors, tile, 0, 0);
    });
    reduce_uninit();
    cb_wait_front(cb_out, 1);
}

void kernel_main() {
    const uint32_t rows = get_arg_val<uint32_t>(0);

    compute_kernel_hw_startup(cb_x, cb_factors, cb_mean);
    cb_wait_front(cb_factors, 2);
    cb_wait_front(cb_gamma, width);
    cb_wait_front(cb_beta, width);
    for (uint32_t row = 0; row < rows; row++) {
        mean_of_rows(cb_x, cb_mean);
        sub_bcast_cols_init(cb_x, cb_mean);
        produce(cb_centred, width, [](uint32_t tile) { sub_tiles_bcast_cols(cb_x, cb_mean, tile, 0, 0); });
        cb_pop_front(cb_x, width);
        cb_pop_front(cb_mean, 1);

        cb_wait_front(cb_centred, width);
        mul_init(cb_centred, cb_centred);
        produce(cb_squares, width, [](uint32_t tile) { mul_tiles(cb_centred, cb_centred, tile, tile, 0); });
        mean_of_rows(cb_squares, cb_variance);
        cb_pop_front(cb_squares, width);

        add_init(cb_variance, cb_factors);
        rsqrt_tile_init();
        produce(cb_inverse, 1, [](uint32_t) {
            add_tiles(cb_variance, cb_factors, 0, 1, 0);
            rsqrt_tile(0);
        });
        cb_pop_front(cb_variance, 1);

        cb_wait_front(cb_inverse, 1);
        mul_bcast_cols_init(cb_centred, cb_inverse);
        produce(cb_scaled, width, [](uint32_t tile) { mul_tiles_bcast_cols(cb_centred, cb_inverse, tile, 0, 0); });
        cb_pop_front(cb_centred, width);
        cb_pop_front(cb_inverse, 1);

        cb_wait_front(cb_scaled, width);
        mul_bcast_rows_init(cb_scaled, cb_gamma);
        produce(cb_centred, width, [](uint32_t tile) { mul_tiles_bcast_rows(cb_scaled, cb_gamma, tile, tile, 0); });
        cb_pop_front(cb_scaled, width);

        cb_wait_front(cb_centred, width);
        add_bcast_rows_init(cb_centred, cb_beta);
        produce(cb_y, width, [](uint32_t tile) { add_tiles_bcast_rows(cb_centred, cb_beta, tile, tile, 0); });
        cb_pop_front(cb_centred, width);
    }
}
