// Remainder of a division by one number, with the sign of the divisor. The init call takes the number and its reciprocal.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

namespace detail {
inline float remainder_divisor = 1.0f;
}
template <auto... settings>
ALWI void remainder_tile_init(uint32_t divisor_bits = 0x3F800000, uint32_t reciprocal_bits = 0) {
    detail::remainder_divisor = tthal::sfpu::float_parameter(divisor_bits);
}
template <auto... settings>
ALWI void remainder_tile(uint32_t dst) {
    using namespace tthal::sfpu;
    map(Floats(), dst, [](F x) { return each(x, F(detail::remainder_divisor), floored_remainder); });
}
TTHAL_INTEGER_1(remainder_tile_uint32, Words, each_integer(x, n, [](int32_t v, int32_t divisor) {
    return divisor ? static_cast<int32_t>(static_cast<uint32_t>(v) % static_cast<uint32_t>(divisor)) : 0;
}))
// The older form.
template <auto... settings>
ALWI void remainder_tile(uint32_t dst, uint32_t divisor_bits, uint32_t reciprocal_bits) {
    remainder_tile_init(divisor_bits);
    remainder_tile(dst);
}

}  // namespace ckernel
