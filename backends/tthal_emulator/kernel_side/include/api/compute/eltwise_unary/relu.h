// Rectifiers.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(relu, CUT, maximum(x, F(0.0f)))
TTHAL_UNARY_1(relu_max, CUT, upper, maximum(minimum(x, upper), F(0.0f)))
TTHAL_UNARY_1(relu_min, CUT, lower, maximum(x, lower))
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
    using namespace tthal::sfpu;
    const F upper = float_parameter(upper_bits);
    map_packed(dst, [=](F x) { return maximum(minimum(x, upper), F(0.0f)); });
}
TTHAL_INIT(leaky_relu_tile_init)
template <auto... settings>
ALWI void leaky_relu_tile(uint32_t dst, uint32_t slope_bits = 0) {
    using namespace tthal::sfpu;
    const F slope = float_parameter(slope_bits);
    map(Floats(), dst, [=](F x) { return select(x < F(0.0f), x * slope, x); });
}

}  // namespace ckernel
