// out = a + weight * (b - a).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(lerp_tile_init)
template <DataFormat data_format, auto... settings>
ALWI void lerp_tile(uint32_t dst0, uint32_t dst1, uint32_t dst2, uint32_t out) {
    using namespace tthal::unit;
    static_assert(is_float<data_format>, "lerp_tile interpolates floats");
    map(Floats(Store::EVEN), dst0, dst1, dst2, out, [](F a, F b, F weight) { return lerp(a, b, weight); });
}

}  // namespace ckernel
