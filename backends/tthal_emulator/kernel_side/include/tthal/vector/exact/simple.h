// What takes a few instructions: signs, rectifiers, choices, whole numbers (kernels of TT-Metal 0.81.1).
#pragma once

#include "tthal/vector/exact/reciprocals.h"

namespace tthal::exact {

inline F negative(F x) { return negated(x); }
inline F sign(F x) { return sfpu::select(is_zero(abs(x)), F(0.0f), with_sign_of(F(1.0f), x)); }
inline F heaviside(F x, F at_zero) {
    return sfpu::select(is_zero(abs(x)), at_zero, F(add(with_sign_of(F(0.5f), x), 0.5f)));
}

inline F product(F a, F b) {
    if constexpr (WIDE) return mul(a, b);
    else return sfpu::select(is_zero(a) | is_zero(b), F(0.0f), mul(a, b));
}

inline F sum_of_product(F a, F b, F c, F factor) { return N(N(factor) * b) * N(c) + N(a); }
inline F sum_of_quotient(F a, F b, F c, F factor) { return N(N(b) * factor) * inverse(c) + N(a); }
inline F lerp(F a, F b, F weight) { return N(weight) * (N(b) - N(a)) + N(a); }

// By squaring; the powers between are products of their own.
inline F power(F base, uint32_t exponent) {
    if (exponent == 0) return F(1.0f);
    N factor = base;
    F result = base;
    for (exponent--; exponent != 0; exponent >>= 1, factor = square(factor))
        if (exponent % 2 != 0) result = mul(result, factor);
    return result;
}

// ---- rectifiers

inline auto relu_min(F x, F lower) {
    if constexpr (BLACKHOLE) return Some{lower, less(x, lower)};
    else return maximum(lower, x);
}
inline F relu_max(F x, F upper) {
    if constexpr (BLACKHOLE) return maximum(minimum(x, upper), F(0.0f));
    else {
        const F limited = sfpu::select(greater(x, upper), upper, x);
        return sfpu::select(is_negative(limited), F(0.0f), limited);
    }
}
inline auto relu(F x) { return relu_min(x, F(0.0f)); }
inline F leaky_relu(F x, F slope) { return sfpu::select(is_negative(x), F(mul(x, slope)), x); }
inline F threshold(F x, F limit, F value) { return sfpu::select(at_most(x, limit), value, x); }
inline F hardsigmoid(F x) { return relu_max(mad(x, 0.1666666716337204f, F(0.5f)), F(1.0f)); }
inline F hardmish(F x) { return mul(x, clamp(mad(x, 0.5f, F(1.0f)), 0.0f, 1.0f)); }
inline F hardshrink(F x, F lambda) {
    const I small = BLACKHOLE ? at_most(absolute(x), lambda) : ~is_negative(sub(lambda, absolute(x)));
    return sfpu::select(small, F(0.0f), x);
}
inline F softshrink(F x, F lambda) {
    if constexpr (!BLACKHOLE) return sub(x, clamp(x, negated(lambda), lambda));
    const F inner = sfpu::select(less(x, negated(lambda)), F(add(x, lambda)), F(0.0f));
    return sfpu::select(greater(x, lambda), F(sub(x, lambda)), inner);
}

// ---- whole numbers; NaN stays as it is

inline F trunc(F x) { return sfpu::select(is_nan(x), x, __builtin_elementwise_trunc(x)); }
inline F floor(F x) { return sfpu::select(is_nan(x), x, __builtin_elementwise_floor(x)); }
inline F ceil(F x) { return sfpu::select(is_nan(x), x, __builtin_elementwise_ceil(x)); }
inline F frac(F x) { return sub(x, trunc(x)); }

// 10^n as float32 has it.
inline float power_of_ten(int n) {
    constexpr float POWERS[] = {
        1e-45f, 1e-44f, 1e-43f, 1e-42f, 1e-41f, 1e-40f, 1e-39f, 1e-38f, 1e-37f, 1e-36f, 1e-35f, 1e-34f, 1e-33f, 1e-32f,
        1e-31f, 1e-30f, 1e-29f, 1e-28f, 1e-27f, 1e-26f, 1e-25f, 1e-24f, 1e-23f, 1e-22f, 1e-21f, 1e-20f, 1e-19f, 1e-18f,
        1e-17f, 1e-16f, 1e-15f, 1e-14f, 1e-13f, 1e-12f, 1e-11f, 1e-10f, 1e-9f,  1e-8f,  1e-7f,  1e-6f,  1e-5f,  1e-4f,
        1e-3f,  1e-2f,  1e-1f,  1e0f,   1e1f,   1e2f,   1e3f,   1e4f,   1e5f,   1e6f,   1e7f,   1e8f,   1e9f,   1e10f,
        1e11f,  1e12f,  1e13f,  1e14f,  1e15f,  1e16f,  1e17f,  1e18f,  1e19f,  1e20f,  1e21f,  1e22f,  1e23f,  1e24f,
        1e25f,  1e26f,  1e27f,  1e28f,  1e29f,  1e30f,  1e31f,  1e32f,  1e33f,  1e34f,  1e35f,  1e36f,  1e37f,  1e38f};
    constexpr int SMALLEST = -45, LARGEST = 38;
    if (n > LARGEST) return INFINITE;
    return n < SMALLEST ? 0.0f : POWERS[n - SMALLEST];
}
// By a sum with 2^23, which has no room for a fraction.
inline F round_even(F x) {
    const F nearest = add(add(absolute(x), 0x1p23f), -0x1p23f);
    return sfpu::select(exponent(x) < I(23), with_sign_of(nearest, x), x);
}
inline F round(F x, int decimals) { return mul(power_of_ten(-decimals), round_even(mul(x, power_of_ten(decimals)))); }

}  // namespace tthal::exact
