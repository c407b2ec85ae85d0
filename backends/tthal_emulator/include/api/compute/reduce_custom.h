// The maximum of every row over a block of tiles in one call; the scaler tile holds ones.
#pragma once

#include "api/compute/reduce.h"

namespace ckernel {

// `respect_trigger` splits the work between threads of the hardware; here there is one.
template <uint32_t block_ct_dim, bool respect_trigger = false, uint32_t num_faces = 4>
ALWI void reduce_block_max_row_init(uint32_t out) {
    tthal::tensix::packer.edge_mask = tthal::tensix::EdgeMask::COLUMN_0;
}
template <uint32_t block_ct_dim, bool respect_trigger = false, uint32_t num_faces = 4>
ALWI void reduce_block_max_row_reinit_short(uint32_t out) { reduce_block_max_row_init<block_ct_dim>(out); }
template <uint32_t block_ct_dim, bool respect_trigger = false, uint32_t num_faces = 4>
ALWI void reduce_block_max_row_reinit_minimal(uint32_t out) { reduce_block_max_row_init<block_ct_dim>(out); }
template <uint32_t block_ct_dim, bool respect_trigger = false, uint32_t num_faces = 4>
ALWI void reduce_block_max_row(uint32_t cb, uint32_t scaler_cb, uint32_t row_start_index, uint32_t dst) {
    for (uint32_t tile = 0; tile < block_ct_dim; tile++)
        reduce_tile<PoolType::MAX, ReduceDim::REDUCE_ROW>(cb, scaler_cb, row_start_index + tile, 0, dst);
}
template <bool respect_trigger = false>
ALWI void reduce_block_max_row_uninit(uint32_t cb) { reduce_uninit(cb); }

}  // namespace ckernel
