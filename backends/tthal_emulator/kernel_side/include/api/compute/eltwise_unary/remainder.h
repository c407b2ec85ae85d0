// Remainder of a division by one number, with the sign of the divisor. The init call takes the number and its reciprocal.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

namespace detail {
inline tthal::sfpu::Divisor remainder_divisor = {1.0f, 1.0f};
}
template <auto... settings>
ALWI void remainder_tile_init(uint32_t divisor_bits = 0x3F800000, uint32_t reciprocal_bits = 0x3F800000) {
    using namespace tthal::sfpu;
    detail::remainder_divisor = {float_parameter(divisor_bits), float_parameter(reciprocal_bits)};
}
template <auto... settings>
ALWI void remainder_tile(uint32_t dst) {
    using namespace tthal::unit;
    map(Floats(), dst, [](F x) { return tthal::unit::remainder(x, detail::remainder_divisor); });
}
TTHAL_INTEGER_1(remainder_tile_uint32, Words, unsigned_remainder(x, n))
// The older form.
template <auto... settings>
ALWI void remainder_tile(uint32_t dst, uint32_t divisor_bits, uint32_t reciprocal_bits) {
    remainder_tile_init(divisor_bits, reciprocal_bits);
    remainder_tile(dst);
}

}  // namespace ckernel
