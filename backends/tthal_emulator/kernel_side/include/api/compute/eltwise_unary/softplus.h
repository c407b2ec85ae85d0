// log(1 + e^(beta x)) / beta; x itself above the threshold.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY_3(softplus, ROUND, beta, beta_reciprocal, threshold, softplus(x, beta, beta_reciprocal, threshold))
TTHAL_INIT(softplus_tile_init_pack)
template <auto... settings>
ALWI void softplus_tile_pack(uint32_t dst, uint32_t beta_bits, uint32_t beta_reciprocal_bits, uint32_t threshold_bits) {
    using namespace tthal::unit;
    const F beta = float_parameter(beta_bits), inverse = float_parameter(beta_reciprocal_bits);
    const F threshold = float_parameter(threshold_bits);
    map_packed(Floats(Store::ROUND), dst, [=](F x) { return softplus(x, beta, inverse, threshold); });
}

}  // namespace ckernel
