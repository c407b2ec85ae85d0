// The maximum of every row over a block of tiles in one call; the scaler tile holds ones.
#pragma once

#include "api/compute/reduce.h"

namespace ckernel {

// `respect_trigger` splits the work between threads of the hardware; here there is one.
template <uint32_t block_ct_dim, bool respect_trigger = false, uint32_t num_faces = 4>
ALWI void reduce_block_max_row_init(uint32_t out = 16) {
    tthal::tensix::mask_reductions(tthal::tensix::EdgeMask::COLUMN_0);
    tthal::tensix::selection.set_up =
        tthal::tensix::set_up_for(tthal::tensix::Pool::MAX, tthal::tensix::Dimension::ROW);
}
template <uint32_t block_ct_dim, bool respect_trigger = false, uint32_t num_faces = 4>
ALWI void reduce_block_max_row_reinit_short(uint32_t out) {
    reduce_block_max_row_init<block_ct_dim>(out);
}
template <uint32_t block_ct_dim, bool respect_trigger = false, uint32_t num_faces = 4>
ALWI void reduce_block_max_row_reinit_minimal(uint32_t out) {
    reduce_block_max_row_init<block_ct_dim>(out);
}
template <uint32_t block_ct_dim, bool respect_trigger = false, uint32_t num_faces = 4>
ALWI void reduce_block_max_row(uint32_t cb, uint32_t scaler_cb, uint32_t row_start_index, uint32_t dst) {
    for (uint32_t tile = 0; tile < block_ct_dim; tile++)
        reduce_tile<PoolType::MAX, ReduceDim::REDUCE_ROW>(cb, scaler_cb, row_start_index + tile, 0, dst);
}
template <bool respect_trigger = false>
ALWI void reduce_block_max_row_uninit(uint32_t cb) {
    reduce_uninit(cb);
}

// ---- with the number of tiles known at run time. Triggered reductions wait for what PACK posts when it has packed their
// operands: the first half, or all of them.

namespace detail {
inline uint32_t reduce_block_tiles = 1;
}

ALWI void reduce_block_max_row_init_runtime(uint32_t out, uint32_t block_ct_dim, uint32_t cb, uint32_t scaler_cb,
                                            bool respect_trigger = false, uint32_t num_faces = 4) {
    detail::reduce_block_tiles = block_ct_dim;
    tthal::tensix::mask_reductions(tthal::tensix::EdgeMask::COLUMN_0);
    tthal::tensix::selection.set_up =
        tthal::tensix::set_up_for(tthal::tensix::Pool::MAX, tthal::tensix::Dimension::ROW);
}
ALWI void reduce_block_max_row_runtime(uint32_t cb, uint32_t scaler_cb, uint32_t row_start_index, uint32_t dst,
                                       bool respect_trigger = false, bool overlap_first_half = false,
                                       uint32_t num_faces = 4) {
    if (respect_trigger && overlap_first_half) t6_semaphore_wait_on_zero(semaphore::UNPACK_MATH_DONE);
    if (respect_trigger) t6_semaphore_wait_on_zero(semaphore::FPU_SFPU);
    for (uint32_t tile = 0; tile < detail::reduce_block_tiles; tile++)
        reduce_tile<PoolType::MAX, ReduceDim::REDUCE_ROW>(cb, scaler_cb, row_start_index + tile, 0, dst);
}
ALWI void reduce_block_max_row_uninit_runtime(uint32_t cb, bool respect_trigger = false,
                                              bool overlap_first_half = false) {
    if (respect_trigger) t6_semaphore_get(semaphore::FPU_SFPU);
    if (respect_trigger && overlap_first_half) t6_semaphore_get(semaphore::UNPACK_MATH_DONE);
    reduce_uninit(cb);
}

}  // namespace ckernel
