// value / x, optionally rounded.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(rdiv_tile_init)
template <RoundingMode rounding_mode = RoundingMode::None, auto... settings>
ALWI void rdiv_tile(uint32_t dst, uint32_t value_bits, tthal::sfpu::Faces faces = {}) {
    using namespace tthal::unit;
    const F value = float_parameter(value_bits);
    map(
        Floats(), dst,
        [=](F x) {
            const F quotient = reverse_quotient(value, x);
            if (rounding_mode == RoundingMode::Trunc) return trunc(quotient);
            return rounding_mode == RoundingMode::Floor ? floor(quotient) : quotient;
        },
        faces);
}

}  // namespace ckernel
