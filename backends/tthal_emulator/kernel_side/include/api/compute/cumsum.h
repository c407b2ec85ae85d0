// Running sums down the columns. With `first` they begin anew, else a tile goes on where the last one ended.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

namespace detail {
alignas(16) inline uint32_t cumsum_carry[32];
}
TTHAL_INIT(cumsum_tile_init)
template <auto... settings>
ALWI void cumsum_tile(uint32_t dst, bool first = true) {
    using namespace tthal::unit;
    if (first) __builtin_memset(detail::cumsum_carry, 0, sizeof detail::cumsum_carry);
    uint32_t* tile = tthal::tensix::math_tile(dst);
    const Floats lanes;
    for (uint32_t row = 0; row < 32; row++)
        for (uint32_t column = 0; column < 32; column += tthal::sfpu::WIDTH) {
            uint32_t* at = tile + row * 32 + column;
            const F sum = add(as_float(tthal::sfpu::lanes_at(detail::cumsum_carry + column)), lanes.load(at));
            tthal::sfpu::put_lanes(detail::cumsum_carry + column, bits_of(sum));
            lanes.store(at, sum);
        }
}

}  // namespace ckernel
