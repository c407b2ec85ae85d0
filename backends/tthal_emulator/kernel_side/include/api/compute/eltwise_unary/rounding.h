// Rounding to whole numbers and decimals.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(rounding_op_tile_init)
TTHAL_UNARY(floor, CUT, floor(x))
TTHAL_UNARY(ceil, CUT, ceil(x))
TTHAL_UNARY(trunc, CUT, trunc(x))
TTHAL_UNARY(frac, CUT, frac(x))
TTHAL_INIT(round_tile_init)
// To nearest, ties to even, of x * 10^decimals.
template <auto... settings>
ALWI void round_tile(uint32_t dst, int32_t decimals) {
    using namespace tthal::unit;
    map(Floats(), dst, [=](F x) { return F(round(x, decimals)); });
}
// The older names for float32 DST.
template <auto... settings>
ALWI void floor_tile_float32(uint32_t dst) {
    floor_tile(dst);
}
template <auto... settings>
ALWI void ceil_tile_float32(uint32_t dst) {
    ceil_tile(dst);
}
template <auto... settings>
ALWI void trunc_tile_float32(uint32_t dst) {
    trunc_tile(dst);
}

}  // namespace ckernel
