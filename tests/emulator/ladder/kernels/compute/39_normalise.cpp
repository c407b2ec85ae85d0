// Stage 39: (x - E[x]) / sqrt(Var[x] + eps) * gamma + beta on a core's part of the rows. The core that gathers makes the
// mean and the inverse deviation of what all parts say about themselves, tiles [E[x], E[x^2]] of each; from there they come
// to buffer ex_global of every core.
#include "api/compute/bcast.h"
#include "api/compute/layernorm.h"
#include "api/compute/reduce.h"
#include "api/dataflow/dataflow_buffer.h"
#include "experimental/kernel_args.h"

constexpr uint32_t width = get_arg(args::block_w);

template <typename Work>
void make(uint32_t out, uint32_t tiles, Work work) {
    cb_reserve_back(out, tiles);
    for (uint32_t i = 0; i < tiles; i++) {
        tile_regs_acquire();
        work(i);
        tile_regs_commit();
        tile_regs_wait();
        pack_tile(0, out);
        tile_regs_release();
    }
    cb_push_back(out, tiles);
}

#ifdef IS_ALLGATHER_WORKER
// The statistics lie in L1 as a whole; column 0 of each tile counts. The scaler is one through the number of parts.
void combine() {
    const uint32_t parts = get_arg(args::num_distributed_blocks);
    cb_wait_front(dfb::scaler_global, 1);
    cb_wait_front(dfb::eps, 1);
    reduce_init<PoolType::AVG, ReduceDim::REDUCE_ROW>(dfb::stats, dfb::scaler_global, dfb::ex2);
    const auto mean_of = [=](uint32_t first) {
        for (uint32_t part = 0; part < parts; part++)
            reduce_tile<PoolType::AVG, ReduceDim::REDUCE_ROW>(dfb::stats, dfb::scaler_global, 2 * part + first, 0, 0);
    };
    make(dfb::stats_reduced, 1, [=](uint32_t) { mean_of(0); });
    make(dfb::ex2, 1, [=](uint32_t) { mean_of(1); });
    reduce_uninit();

    cb_wait_front(dfb::stats_reduced, 1);
    mul_init(dfb::stats_reduced, dfb::stats_reduced);
    make(dfb::x, 1, [](uint32_t) { mul_tiles(dfb::stats_reduced, dfb::stats_reduced, 0, 0, 0); });
    cb_wait_front(dfb::ex2, 1);
    cb_wait_front(dfb::x, 1);
    sub_init(dfb::ex2, dfb::x);
    make(dfb::var, 1, [](uint32_t) { sub_tiles(dfb::ex2, dfb::x, 0, 0, 0); });
    cb_pop_front(dfb::ex2, 1);
    cb_pop_front(dfb::x, 1);

    cb_wait_front(dfb::var, 1);
    add_init(dfb::var, dfb::eps);
    rsqrt_tile_init();
    make(dfb::stats_reduced, 1, [](uint32_t) {
        add_tiles(dfb::var, dfb::eps, 0, 0, 0);
        rsqrt_tile(0);
    });
    cb_pop_front(dfb::var, 1);
}
#endif

void kernel_main() {
    compute_kernel_hw_startup(dfb::in0, dfb::in0, dfb::out);
#ifdef IS_ALLGATHER_WORKER
    combine();
#endif
    // Two tiles: the mean, the inverse deviation.
    cb_wait_front(dfb::ex_global, 2);
    sub_bcast_cols_init(dfb::in0, dfb::ex_global);
    make(dfb::xmm, width, [](uint32_t i) { sub_tiles_bcast_cols(dfb::in0, dfb::ex_global, i, 0, 0); });
    cb_wait_front(dfb::xmm, width);
    mul_bcast_cols_init(dfb::xmm, dfb::ex_global);
    make(dfb::x, width, [](uint32_t i) { mul_tiles_bcast_cols(dfb::xmm, dfb::ex_global, i, 1, 0); });
    cb_pop_front(dfb::xmm, width);
    cb_wait_front(dfb::x, width);
    cb_wait_front(dfb::gamma, width);
    mul_bcast_rows_init(dfb::x, dfb::gamma);
    make(dfb::xmm, width, [](uint32_t i) { mul_tiles_bcast_rows(dfb::x, dfb::gamma, i, i, 0); });
    cb_wait_front(dfb::xmm, width);
    cb_wait_front(dfb::beta, width);
    add_bcast_rows_init(dfb::xmm, dfb::beta);
    make(dfb::out, width, [](uint32_t i) { add_tiles_bcast_rows(dfb::xmm, dfb::beta, i, i, 0); });
}
