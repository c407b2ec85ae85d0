// The logarithm of gamma, in the steps that kernels take: of z = x, or 1 - x below a half, and the reflection.
#pragma once

#include "tthal/sfpu_api.h"

namespace tthal::sfpu {

inline F log_gamma_reflected(F x) {
    return each(select(x < F(0.5f), 1.0f - x, x), [](float v) { return __builtin_lgammaf(v); });
}

}  // namespace tthal::sfpu

namespace ckernel {

TTHAL_UNARY(lgamma_stirling, ROUND, log_gamma_reflected(x))

// x in the first tile; the second one's logarithm of z is not needed here; the result goes to the third.
TTHAL_INIT(lgamma_stirling_float_tile_init)
ALWI void lgamma_stirling_float_tile(uint32_t dst0, uint32_t /* dst1 */, uint32_t out) {
    using namespace tthal::sfpu;
    map(Floats(), dst0, dst0, out, [](F x, F) { return log_gamma_reflected(x); });
}

// Below a half: ln(pi) - ln|sin(pi x)| - the reflected value. The tiles are that value, the logarithm of the sine, and x.
TTHAL_INIT(lgamma_adjusted_tile_init)
template <auto... settings>
ALWI void lgamma_adjusted_tile(uint32_t dst0, uint32_t dst1, uint32_t dst2, uint32_t out) {
    using namespace tthal::sfpu;
    map(Floats(Store::ROUND), dst0, dst1, dst2, out, [](F reflected, F sine, F x) {
        constexpr float LN_PI = 1.1447298858494002f;
        return select(is_infinite(x), F(__builtin_inff()), select(x < F(0.5f), LN_PI - sine - reflected, reflected));
    });
}

}  // namespace ckernel
