// out = a * b + c.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT_OF_FORMAT(mac_tile_init)
template <DataFormat data_format, auto... settings>
ALWI void mac_tile(uint32_t dst0, uint32_t dst1, uint32_t dst2, uint32_t out) {
    using namespace tthal::unit;
    if constexpr (is_float<data_format>)
        map(Floats(Store::ROUND), dst0, dst1, dst2, out, [](F a, F b, F c) { return mad(a, b, c); });
    else map(integers<data_format>(), dst0, dst1, dst2, out, [](I a, I b, I c) { return a * b + c; });
}

}  // namespace ckernel
