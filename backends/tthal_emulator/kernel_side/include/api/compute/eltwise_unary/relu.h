// Rectifiers.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(relu, CUT, relu(x))
TTHAL_UNARY_1(relu_max, CUT, upper, relu_max(x, upper))
TTHAL_UNARY_1(relu_min, CUT, lower, relu_min(x, lower))
TTHAL_INTEGER(relu_tile_int32, Words, select(x < I(0), I(0), x))
TTHAL_INTEGER_1(relu_max_tile_int32, Words, select(select(x > n, n, x) < I(0), I(0), select(x > n, n, x)))
TTHAL_INTEGER_1(relu_min_tile_int32, Words, select(x < n, n, x))
TTHAL_INTEGER_1(relu_max_tile_uint32, Words, as_int(select(bits_of(x) > bits_of(n), bits_of(n), bits_of(x))))
TTHAL_INTEGER_1(relu_min_tile_uint32, Words, as_int(select(bits_of(x) < bits_of(n), bits_of(n), bits_of(x))))
TTHAL_INTEGER_1(relu_max_tile_uint16, Halves, select(x > n, n, x))
TTHAL_INTEGER_1(relu_min_tile_uint16, Halves, select(x < n, n, x))
TTHAL_INIT(relu_max_tile_init_pack)
template <auto... settings>
ALWI void relu_max_tile_pack(uint32_t dst, uint32_t upper_bits) {
    using namespace tthal::unit;
    const F upper = float_parameter(upper_bits);
    map_packed(Floats(Store::CUT), dst, [=](F x) { return relu_max(x, upper); });
}
TTHAL_INIT(leaky_relu_tile_init)
template <auto... settings>
ALWI void leaky_relu_tile(uint32_t dst, uint32_t slope_bits = 0) {
    using namespace tthal::unit;
    const F slope = float_parameter(slope_bits);
    map(Floats(), dst, [=](F x) { return leaky_relu(x, slope); });
}

}  // namespace ckernel
