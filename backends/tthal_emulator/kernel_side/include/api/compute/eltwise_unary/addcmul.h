// out = a + value * b * c.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(addcmul_tile_init)
template <DataFormat data_format, auto... settings>
ALWI void addcmul_tile(uint32_t dst0, uint32_t dst1, uint32_t dst2, uint32_t out, uint32_t value_bits) {
    using namespace tthal::unit;
    if constexpr (is_float<data_format>) {
        const F value = float_parameter(value_bits);
        map(Floats(Store::ROUND), dst0, dst1, dst2, out, [=](F a, F b, F c) { return sum_of_product(a, b, c, value); });
    } else {
        const I value = static_cast<int32_t>(value_bits);
        map(integers<data_format>(), dst0, dst1, dst2, out, [=](I a, I b, I c) { return a + value * b * c; });
    }
}

}  // namespace ckernel
