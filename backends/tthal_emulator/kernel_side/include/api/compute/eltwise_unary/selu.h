// scale * elu(x).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY_2(selu, ROUND, scale, alpha, selu(x, scale, alpha))
TTHAL_INIT(selu_tile_init_pack)
template <auto... settings>
ALWI void selu_tile_pack(uint32_t dst, uint32_t scale_bits, uint32_t alpha_bits) {
    using namespace tthal::unit;
    const F scale = float_parameter(scale_bits), alpha = float_parameter(alpha_bits);
    map_packed(Floats(Store::ROUND), dst, [=](F x) { return selu(x, scale, alpha); });
}

}  // namespace ckernel
