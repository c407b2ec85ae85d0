// The vendor's tutorial of a custom addition of two DST tiles names this function.
#pragma once

#include "tthal/vector/llk_sfpu.h"

namespace ckernel::sfpu {

inline void my_add_tile_face(uint32_t dst0, uint32_t dst1, uint32_t out) {
    constexpr uint32_t TILE = sfpi::impl_::VECTORS_PER_TILE, FACE = sfpi::impl_::VECTORS_PER_FACE;
    for (uint32_t vector = 0; vector < FACE; vector++) {
        const sfpi::vFloat first = sfpi::dst_reg[dst0 * TILE + vector], second = sfpi::dst_reg[dst1 * TILE + vector];
        sfpi::dst_reg[out * TILE + vector] = first + second;
    }
}

}  // namespace ckernel::sfpu
