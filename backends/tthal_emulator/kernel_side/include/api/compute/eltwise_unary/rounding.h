// Rounding to whole numbers and decimals.
#pragma once

#include "api/compute/eltwise_unary/rand.h"

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
// To bfloat16, up as often as what is cut off weighs. The random sequence is this emulator's own.
template <auto... settings>
ALWI void stochastic_round_tile(uint32_t dst) {
    using namespace tthal::sfpu;
    map(Floats(), dst, [=](F x) {
        const U bits = bits_of(x), rounded = (bits + (bits_of(random_integers()) & 0xFFFF)) & 0xFFFF0000;
        return as_float(select((bits & 0x7F800000) == 0x7F800000, bits, rounded));
    });
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
template <auto... settings>
ALWI void frac_tile_float32(uint32_t dst) {
    frac_tile(dst);
}

}  // namespace ckernel
