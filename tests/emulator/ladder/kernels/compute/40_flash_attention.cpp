// Stage 40: softmax(scale * Q K^T) V for one row of tiles of Q, chunk by chunk of K and V, so that no row of scores is ever
// there as a whole: the maximum, the sum and the result so far are corrected whenever a chunk has a larger maximum.
#include "api/compute/bcast.h"
#include "api/compute/binary_max_min.h"
#include "api/compute/compute_kernel_api.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/eltwise_unary/binop_with_scalar.h"
#include "api/compute/matmul.h"
#include "api/compute/reduce.h"

constexpr uint32_t chunks = get_compile_time_arg_val(0), S = get_compile_time_arg_val(1),
                   D = get_compile_time_arg_val(2);
constexpr uint32_t scale = get_compile_time_arg_val(3);
constexpr uint32_t q = 0, k = 1, v = 2, ones = 3, out = 16;
constexpr uint32_t scores = 20, powers = 21, fresh = 22, change = 23, sum_of_chunk = 24, largest = 25, sum = 26,
                   result = 27;

// Tiles of a buffer, each computed in DST tile 0 by `work`, ready to be read.
template <typename Work>
void make(uint32_t target, uint32_t tiles, Work work) {
    cb_reserve_back(target, tiles);
    for (uint32_t i = 0; i < tiles; i++) {
        tile_regs_acquire();
        work(i);
        tile_regs_commit();
        tile_regs_wait();
        pack_tile(0, target);
        tile_regs_release();
    }
    cb_push_back(target, tiles);
    if (target != out) cb_wait_front(target, tiles);
}

template <PoolType pool, typename Finish>
void reduce_rows(uint32_t in, uint32_t target, Finish finish) {
    reduce_init<pool, ReduceDim::REDUCE_ROW>(in, ones, target);
    make(target, 1, [&](uint32_t) {
        for (uint32_t i = 0; i < S; i++) reduce_tile<pool, ReduceDim::REDUCE_ROW>(in, ones, i, 0, 0);
        finish();
    });
    reduce_uninit();
}

void multiply(uint32_t a, uint32_t b, uint32_t target, uint32_t inner, uint32_t columns, bool transpose) {
    matmul_init(a, b, transpose);
    make(target, columns, [=](uint32_t column) {
        for (uint32_t i = 0; i < inner; i++) matmul_tiles(a, b, i, i * columns + column, 0);
    });
}

// What the buffer holds becomes itself times the correction, plus what `add` holds.
void correct(uint32_t target, uint32_t add, uint32_t tiles) {
    for (uint32_t i = 0; i < tiles; i++) {
        make(target, 1, [=](uint32_t) {
            mul_bcast_cols_init(target, change);
            mul_tiles_bcast_cols(target, change, 0, 0, 0);
            add_reuse_dest_init<EltwiseBinaryReuseDestType::DEST_TO_SRCA>(add);
            add_reuse_dest_tiles<EltwiseBinaryReuseDestType::DEST_TO_SRCA>(add, i, 0);
        });
        cb_pop_front(target, 1);
    }
    cb_wait_front(target, tiles);  // the wait for each of them was met by those of before
    cb_pop_front(add, tiles);
}

void score(bool first) {
    multiply(q, k, scores, D, S, true);
    cb_pop_front(k, S * D);
    reduce_rows<PoolType::MAX>(scores, fresh, [=] {
        if (first) return;
        copy_init(largest);
        copy_tile(largest, 0, 1);
        binary_max_tile_init();
        binary_max_tile(0, 1, 0);
    });
    sub_bcast_cols_init(scores, fresh);
    exp_tile_init();
    make(powers, S, [](uint32_t i) {
        sub_tiles_bcast_cols(scores, fresh, i, 0, 0);
        mul_unary_tile(0, scale);
        exp_tile(0);
    });
    cb_pop_front(scores, S);
}

void kernel_main() {
    compute_kernel_hw_startup<SrcOrder::Reverse>(q, k, scores);
    binop_with_scalar_tile_init();
    cb_wait_front(q, D);
    cb_wait_front(ones, 1);
    for (uint32_t chunk = 0; chunk < chunks; chunk++) {
        const bool first = chunk == 0;
        cb_wait_front(k, S * D);
        cb_wait_front(v, S * D);
        score(first);
        reduce_rows<PoolType::SUM>(powers, first ? sum : sum_of_chunk, [] {});
        multiply(powers, v, first ? result : scores, S, D, false);
        cb_pop_front(powers, S);
        cb_pop_front(v, S * D);
        if (!first) {
            sub_init(largest, fresh);
            make(change, 1, [](uint32_t) {
                sub_tiles(largest, fresh, 0, 0, 0);
                mul_unary_tile(0, scale);
                exp_tile(0);
            });
            correct(sum, sum_of_chunk, 1);
            correct(result, scores, D);
            cb_pop_front(change, 1);
            cb_pop_front(largest, 1);
        }
        copy_init(fresh);
        make(largest, 1, [](uint32_t) { copy_tile(fresh, 0, 0); });
        cb_pop_front(fresh, 1);
    }
    copy_init(sum);
    recip_tile_init();
    make(change, 1, [](uint32_t) {
        copy_tile(sum, 0, 0);
        recip_tile(0);
    });
    mul_bcast_cols_init(result, change);
    make(out, D, [](uint32_t i) { mul_tiles_bcast_cols(result, change, i, 0, 0); });
}
