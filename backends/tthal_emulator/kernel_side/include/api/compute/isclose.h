// 1 where |a - b| <= atol + rtol * |b|, else 0.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(isclose_binary_tile_init)
template <bool EQUAL_NAN = false, auto... settings>
ALWI void isclose_binary_tile(uint32_t dst0, uint32_t dst1, uint32_t out, uint32_t rtol_bits, uint32_t atol_bits) {
    using namespace tthal::unit;
    const F rtol = float_parameter(rtol_bits), atol = float_parameter(atol_bits);
    map(Floats(), dst0, dst1, out, [=](F a, F b) { return truth(is_close<EQUAL_NAN>(a, b, rtol, atol)); });
}

}  // namespace ckernel
