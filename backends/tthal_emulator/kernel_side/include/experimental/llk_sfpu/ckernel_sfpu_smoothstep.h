// The vendor's tutorial of a custom activation names this function: 0 up to edge 0, 1 from edge 1 on, a cubic between.
#pragma once

#include "tthal/vector/llk_sfpu.h"

namespace ckernel::sfpu {

inline void smoothstep_tile_face(float edge0, float /* edge1 */, float inverse_width) {
    for (uint32_t vector = 0; vector < sfpi::impl_::VECTORS_PER_FACE; vector++) {
        const sfpi::vFloat x = sfpi::dst_reg[vector];
        const sfpi::vFloat t = sfpi::clamp((x - edge0) * inverse_width, 0.0f, 1.0f);
        sfpi::dst_reg[vector] = t * t * (3.0f - 2.0f * t);
    }
}

}  // namespace ckernel::sfpu
