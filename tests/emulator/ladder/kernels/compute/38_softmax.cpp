// Stage 38: softmax(scale * x + mask) of rows of tiles that lie in L1 as a whole; block_w tiles a row, the mask is one row.
#include "api/compute/bcast.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/reduce.h"
#include "api/compute/softmax.h"
#include "api/compute/tile_move_copy.h"
#include "api/dataflow/dataflow_buffer.h"
#include "experimental/kernel_args.h"

constexpr uint32_t width = get_arg(args::block_w);

// A row of tiles, each computed in DST tile 0 by `work`.
template <typename Work>
void make_row(uint32_t out, uint32_t tiles, Work work) {
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
    if (out != dfb::out0) cb_wait_front(out, tiles);
}

template <PoolType pool, typename Finish>
void reduce_row(uint32_t in, uint32_t scaler, uint32_t out, Finish finish) {
    reduce_init<pool, ReduceDim::REDUCE_ROW>(in, scaler, out);
    make_row(out, 1, [&](uint32_t) {
        for (uint32_t i = 0; i < width; i++) reduce_tile<pool, ReduceDim::REDUCE_ROW>(in, scaler, i, 0, 0);
        finish();
    });
    reduce_uninit();
}

void kernel_main() {
    compute_kernel_hw_startup(dfb::in0, dfb::max_scaler, dfb::exps);
    cb_wait_front(dfb::max_scaler, 1);
    cb_wait_front(dfb::sum_scaler, 1);
    cb_wait_front(dfb::fused_scale, 1);
    cb_wait_front(dfb::fused_attn, width);
    for (uint32_t row = 0; row < get_arg(args::block_h); row++) {
        cb_wait_front(dfb::in0, width);
        mul_bcast_scalar_init(dfb::in0, dfb::fused_scale);
        make_row(dfb::scale_mask, width,
                 [](uint32_t i) { mul_tiles_bcast_scalar(dfb::in0, dfb::fused_scale, i, 0, 0); });
        cb_pop_front(dfb::in0, width);
        add_bcast_rows_init(dfb::scale_mask, dfb::fused_attn);
        make_row(dfb::x, width, [](uint32_t i) { add_tiles_bcast_rows(dfb::scale_mask, dfb::fused_attn, i, i, 0); });
        cb_pop_front(dfb::scale_mask, width);
        reduce_row<PoolType::MAX>(dfb::x, dfb::max_scaler, dfb::max, [] {});
        sub_bcast_cols_init(dfb::x, dfb::max);
        exp_tile_init();
        make_row(dfb::exps, width, [](uint32_t i) {
            sub_tiles_bcast_cols(dfb::x, dfb::max, i, 0, 0);
            exp_tile(0);
        });
        cb_pop_front(dfb::x, width);
        cb_pop_front(dfb::max, 1);
        recip_tile_init();
        reduce_row<PoolType::SUM>(dfb::exps, dfb::sum_scaler, dfb::recip_sum_exps, [] { recip_tile(0); });
        mul_bcast_cols_init(dfb::exps, dfb::recip_sum_exps);
        make_row(dfb::out0, width, [](uint32_t i) { mul_tiles_bcast_cols(dfb::exps, dfb::recip_sum_exps, i, 0, 0); });
        cb_pop_front(dfb::exps, width);
        cb_pop_front(dfb::recip_sum_exps, 1);
    }
}
