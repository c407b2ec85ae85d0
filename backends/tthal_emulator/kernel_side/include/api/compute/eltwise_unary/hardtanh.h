// Values kept between two numbers.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY_2(hardtanh, CUT, low, high, clamp(x, low, high))
TTHAL_INIT(hardtanh_tile_init_pack)
template <auto... settings>
ALWI void hardtanh_tile_pack(uint32_t dst, uint32_t low_bits, uint32_t high_bits) {
    using namespace tthal::unit;
    const F low = float_parameter(low_bits), high = float_parameter(high_bits);
    map_packed(Floats(Store::CUT), dst, [=](F x) { return clamp(x, low, high); });
}

}  // namespace ckernel
