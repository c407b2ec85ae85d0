// The logarithm of gamma, in the steps that kernels take: of z = x, or 1 - x below a half, and the reflection.
#pragma once

#include "tthal/vector/sfpu_api.h"
#include "tthal/vector/sfpu_special.h"

namespace ckernel {

TTHAL_UNARY(lgamma_stirling, ROUND, log_gamma_reflected(x))

// x in the first tile, the logarithm of z in the second; the result goes to the third.
TTHAL_INIT(lgamma_stirling_float_tile_init)
ALWI void lgamma_stirling_float_tile(uint32_t dst0, uint32_t dst1, uint32_t out) {
    using namespace tthal::unit;
    map(Floats(), dst0, dst1, out, [](F x, F log_z) { return log_gamma_from(x, log_z); });
}

// Below a half: ln(pi) - ln|sin(pi x)| - the reflected value. The tiles are that value, the logarithm of the sine, and x.
TTHAL_INIT(lgamma_adjusted_tile_init)
template <auto... settings>
ALWI void lgamma_adjusted_tile(uint32_t dst0, uint32_t dst1, uint32_t dst2, uint32_t out) {
    using namespace tthal::unit;
    map(Floats(Store::ROUND), dst0, dst1, dst2, out,
        [](F reflected, F sine, F x) { return log_gamma_adjusted(reflected, sine, x); });
}

}  // namespace ckernel
