// out = a + value * b / c.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(addcdiv_tile_init)
template <DataFormat data_format, auto... settings>
ALWI void addcdiv_tile(uint32_t dst0, uint32_t dst1, uint32_t dst2, uint32_t out, uint32_t value_bits) {
    using namespace tthal::unit;
    static_assert(is_float<data_format>, "addcdiv_tile divides floats");
    const F value = float_parameter(value_bits);
    map(Floats(Store::EVEN), dst0, dst1, dst2, out, [=](F a, F b, F c) { return sum_of_quotient(a, b, c, value); });
}

}  // namespace ckernel
