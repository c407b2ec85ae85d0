// 1 where |a - b| <= atol + rtol * |b|, else 0.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(isclose_binary_tile_init)
template <bool EQUAL_NAN = false, auto... settings>
ALWI void isclose_binary_tile(uint32_t dst0, uint32_t dst1, uint32_t out, uint32_t rtol_bits, uint32_t atol_bits) {
    using namespace tthal::sfpu;
    const F rtol = float_parameter(rtol_bits), atol = float_parameter(atol_bits);
    map(Floats(), dst0, dst1, out, [=](F a, F b) {
        const I special = is_infinite(a) | is_infinite(b) | is_nan(a) | is_nan(b);
        const I same = (a == b) | (EQUAL_NAN ? is_nan(a) & is_nan(b) : I(0));
        return truth(select(special, same, abs(a - b) <= atol + rtol * abs(b)));
    });
}

}  // namespace ckernel
