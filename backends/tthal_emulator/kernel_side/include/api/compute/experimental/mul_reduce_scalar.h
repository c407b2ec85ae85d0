// Products of tiles to one number: result = sum of all elements * scaler * scaler, in element 0 of DST tile 0.
#pragma once

#include "api/compute/eltwise_binary.h"
#include "api/compute/pack.h"
#include "api/debug/assert.h"

namespace ckernel {

namespace detail {

ALWI void sum_dest_tiles(uint32_t srca_cb, uint32_t srcb_cb, uint32_t tiles, float scaler) {
    constexpr uint32_t MOST_TILES = 8;  // what the instructions that move DST to SrcA reach
    ASSERT(tiles <= MOST_TILES);
    tthal::tensix::sum_dest(srca_cb, srcb_cb, tiles, scaler);
    tthal::tensix::mask_reductions(tthal::tensix::EdgeMask::ELEMENT_0);
}

}  // namespace detail

ALWI void mul_reduce_scalar_init(uint32_t icb0, uint32_t icb1) { mul_tiles_init(icb0, icb1); }

// Without `accumulate_in_one_tile` the products stand in a tile each.
template <PoolType reduce_type = PoolType::SUM, bool is_fp32_dest_acc_en = false, bool accumulate_in_one_tile = false>
ALWI void mul_reduce_scalar_tile(uint32_t icb0, uint32_t icb1, uint32_t ocb, uint32_t num_tiles, float scaler = 1.0f) {
    for (uint32_t tile = 0; tile < num_tiles; tile++)
        mul_tiles(icb0, icb1, tile, tile, accumulate_in_one_tile ? 0 : tile);
    detail::sum_dest_tiles(icb0, icb1, accumulate_in_one_tile ? 1 : num_tiles, scaler);
}

// Before the packer was told the output's buffer.
template <PoolType reduce_type = PoolType::SUM>
ALWI void mul_reduce_scalar_tile(uint32_t icb0, uint32_t icb1, uint32_t num_tiles, float scaler = 1.0f) {
    mul_reduce_scalar_tile<reduce_type>(icb0, icb1, 16, num_tiles, scaler);
}

ALWI void mul_reduce_scalar_uninit() { tthal::tensix::mask_reductions(tthal::tensix::EdgeMask::NONE); }

}  // namespace ckernel
