// Rounding to whole numbers and decimals.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(rounding_op_tile_init)
TTHAL_UNARY(floor, CUT, floor(x))
TTHAL_UNARY(ceil, CUT, ceil(x))
TTHAL_UNARY(trunc, CUT, trunc(x))
TTHAL_UNARY(frac, CUT, select(is_infinite(x), F(0.0f), x - trunc(x)))
TTHAL_INIT(round_tile_init)
// To nearest, ties to even, of x * 10^decimals.
template <auto... settings>
ALWI void round_tile(uint32_t dst, int32_t decimals) {
    using namespace tthal::sfpu;
    float factor = 1.0f, inverse = 1.0f;
    for (int32_t i = 0; i < (decimals < 0 ? -decimals : decimals) && i < 46; i++) factor *= 10.0f;
    inverse = 1.0f / factor;
    if (decimals < 0) { const float held = factor; factor = inverse; inverse = held; }
    map(Floats(), dst, [=](F x) { return inverse * round_even(x * factor); });
}
// The older names for float32 DST.
template <auto... settings>
ALWI void floor_tile_float32(uint32_t dst) { floor_tile(dst); }
template <auto... settings>
ALWI void ceil_tile_float32(uint32_t dst) { ceil_tile(dst); }
template <auto... settings>
ALWI void trunc_tile_float32(uint32_t dst) { trunc_tile(dst); }

}  // namespace ckernel
