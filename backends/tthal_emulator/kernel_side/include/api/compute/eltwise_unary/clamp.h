// Values kept between two numbers.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY_2(clamp, CUT, low, high, clamp(x, low, high))
template <auto... settings>
ALWI void clamp_tile_int32(uint32_t dst, uint32_t low, uint32_t high) {
    using namespace tthal::unit;
    const I least = static_cast<int32_t>(low), most = static_cast<int32_t>(high);
    map(Words(), dst, [=](I x) { return select(x < least, least, select(x > most, most, x)); });
}

}  // namespace ckernel
