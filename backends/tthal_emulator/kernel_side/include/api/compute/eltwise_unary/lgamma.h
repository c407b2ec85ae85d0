// The logarithm of gamma, in the steps that kernels take: of z = x, or 1 - x below a half, and the reflection.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace tthal::sfpu {

inline F log_gamma_reflected(F x) {
    return each(select(x < F(0.5f), 1.0f - x, x), [](float v) { return __builtin_lgammaf(v); });
}

// The same from a given logarithm of z, which counts z - 1/2 times.
inline float log_gamma_from(float x, float log_z) {
    if (x == 1.0f || x == 2.0f) return 0.0f;
    const double z = x < 0.5f ? 1.0f - x : x;
    const double error = __builtin_isfinite(log_z) ? log_z - std::log(z) : 0.0;
    return static_cast<float>(__builtin_lgamma(z) + (z - 0.5) * error);
}

}  // namespace tthal::sfpu

namespace ckernel {

TTHAL_UNARY(lgamma_stirling, ROUND, log_gamma_reflected(x))

// x in the first tile, the logarithm of z in the second; the result goes to the third.
TTHAL_INIT(lgamma_stirling_float_tile_init)
ALWI void lgamma_stirling_float_tile(uint32_t dst0, uint32_t dst1, uint32_t out) {
    using namespace tthal::sfpu;
    map(Floats(), dst0, dst1, out, [](F x, F log_z) { return each(x, log_z, log_gamma_from); });
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
