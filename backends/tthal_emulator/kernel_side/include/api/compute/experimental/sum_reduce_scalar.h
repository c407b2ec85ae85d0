// Tiles to one number: result = sum of all elements * scaler * scaler, in element 0 of DST tile 0.
#pragma once

#include "api/compute/experimental/mul_reduce_scalar.h"
#include "api/compute/tile_move_copy.h"

namespace ckernel {

ALWI void sum_reduce_scalar_init(uint32_t icb) { copy_init(icb); }

ALWI void sum_reduce_scalar_tile(uint32_t icb, uint32_t ocb, uint32_t num_tiles, float scaler = 1.0f) {
    for (uint32_t tile = 0; tile < num_tiles; tile++) copy_tile(icb, tile, tile);
    detail::sum_dest_tiles(icb, icb, num_tiles, scaler);
}

}  // namespace ckernel
