// Running sums down the columns. With `first` they begin anew, else a tile goes on where the last one ended.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

namespace detail {
alignas(16) inline float cumsum_carry[32];
}
TTHAL_INIT(cumsum_tile_init)
template <auto... settings>
ALWI void cumsum_tile(uint32_t dst, bool first = true) {
    using namespace tthal::unit;
    if (first) __builtin_memset(detail::cumsum_carry, 0, sizeof detail::cumsum_carry);
    F* carry = reinterpret_cast<F*>(detail::cumsum_carry);
    uint32_t* tile = tthal::tensix::math_tile(dst);
    const Floats lanes;
    for (uint32_t row = 0; row < 32; row++)
        for (uint32_t quarter = 0; quarter < 8; quarter++) {
            uint32_t* at = tile + row * 32 + quarter * 4;
            carry[quarter] = add(carry[quarter], lanes.load(at));
            lanes.store(at, carry[quarter]);
        }
}

}  // namespace ckernel
