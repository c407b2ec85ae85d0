// Remainder of a division by one number, with the sign of the dividend. The init call takes the number and its reciprocal.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

namespace detail {
inline tthal::sfpu::Divisor fmod_divisor = {1.0f, 1.0f};
}
template <auto... settings>
ALWI void fmod_tile_init(uint32_t divisor_bits = 0x3F800000, uint32_t reciprocal_bits = 0x3F800000) {
    using namespace tthal::sfpu;
    detail::fmod_divisor = {float_parameter(divisor_bits), float_parameter(reciprocal_bits)};
}
template <auto... settings>
ALWI void fmod_tile(uint32_t dst) {
    using namespace tthal::unit;
    map(Floats(), dst, [](F x) { return tthal::unit::fmod(x, detail::fmod_divisor); });
}
// The older form.
template <auto... settings>
ALWI void fmod_tile(uint32_t dst, uint32_t divisor_bits, uint32_t reciprocal_bits) {
    fmod_tile_init(divisor_bits, reciprocal_bits);
    fmod_tile(dst);
}

}  // namespace ckernel
