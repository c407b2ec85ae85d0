// Gamma and Bessel functions as the kernels of TT-Metal 0.81.1 compute them. Kernels of float32 data define INP_FLOAT32.
#pragma once

#include "tthal/vector/exact/exponentials.h"
#include "tthal/vector/exact/logarithms.h"
#include "tthal/vector/exact/reciprocals.h"

namespace tthal::exact {

// ---- gamma functions

inline F digamma(F argument) {
    const N x = argument;
#ifdef INP_FLOAT32
    const N n0 = polynomial(x, -4.2596286535e-01f, -1.2459139824e+00f, -7.0374596119e-01f, 3.5418295860e-01f,
                            3.9686101675e-01f, 1.0760356486e-01f, 1.1159370653e-02f, 4.5299832709e-04f,
                            6.4513715188e-06f, 2.3348954770e-08f, 3.3629592167e-12f);
    const N d0 =
        polynomial(x, -6.3762914866e-08f, 4.2596703768e-01f, 1.0000000000e+00f, 8.2736301422e-01f, 3.0081826448e-01f,
                   4.9985647202e-02f, 3.7117889151e-03f, 1.1463041301e-04f, 1.2610012732e-06f, 3.3732798776e-09f);
    const N n1 = polynomial(x, 1.3856337913e+05f, -2.7915017828e+05f, 5.5189096727e+04f, 2.6230285816e+04f,
                            2.0102400217e+03f, 5.4774037756e+01f, 6.1410588531e-01f, 2.8495312547e-03f,
                            4.9248967852e-06f, 2.2963254970e-09f, 3.8530168912e-14f);
    const N d1 =
        polynomial(x, -1.6724299601e+05f, 1.0000000000e+00f, 6.3677231206e+04f, 1.1013851737e+04f, 5.9383811201e+02f,
                   1.2890647910e+01f, 1.2061770104e-01f, 4.7490052009e-04f, 6.9240316615e-07f, 2.5925175628e-10f);
    const I upper = at_least(argument, F(5.1005000000e+01f));
    const N numerator = select(upper, n1, n0), denominator = select(upper, d1, d0);
#else
    const N numerator = polynomial(x, -3.3767190625e+05f, -6.0287050000e+05f, 2.1532992188e+05f, 2.1398454688e+05f,
                                   1.9496867188e+04f, 2.4847094727e+02f, 8.7151519954e-02f);
    const N denominator = polynomial(x, 1.0000000000e+00f, 3.3760150000e+05f, 4.0892268750e+05f, 9.9775718750e+04f,
                                     5.1246479492e+03f, 4.1351390839e+01f);
#endif
    const F near = mul(numerator, inverse<2>(denominator));
    const I far = greater(argument, F(102.0f));
    if (!any(far)) return near;
    const N r = inverse<2>(argument), u = square(r), bernoulli = 0.0833333333f - u * 0.0083333333f;
    const N series = (log_short(argument) - r * 0.5f) - u * bernoulli;
    return sfpu::select(far, sfpu::select(is_infinite(argument), F(INFINITE), F(series)), near);
}

constexpr float LOG_SQRT_2_PI = 0.9189385332046727f;

// ln Gamma of x, or of 1 - x for x below 1/2, by Stirling's series.
inline F log_gamma_reflected(F argument) {
    const F reflected = sfpu::select(less(argument, F(0.5f)), F(1.0f - N(argument)), argument);
    const N z = reflected, r = inverse<2>(reflected);
    const N main = ((z - 0.5f) * log_short(reflected) - z) + LOG_SQRT_2_PI;
    const N result = r * (N(r * r) * -0.0027777777f + 0.0833333333f) + main;
    return sfpu::select(same(argument, F(1.0f)) | same(argument, F(2.0f)), F(0.0f), F(result));
}
// The same with a given logarithm of that number.
inline F log_gamma_from(F argument, F log_z) {
    const F reflected = sfpu::select(less(argument, F(0.5f)), F(1.0f - N(argument)), argument);
    const N z = reflected, d1 = z - 1.0f, d2 = z - 2.0f, r = inverse<2>(reflected);
    const N near1 = d1 * polynomial(d1, -0.57721566f, 0.82246703f, -0.40068563f, 0.27058081f, -0.20738555f);
    const N near2 = d2 * polynomial(d2, 0.42278434f, 0.32246703f, -0.06735230f, 0.02058081f, -0.00738555f);
    const N main = ((z - 0.5f) * log_z - z) + LOG_SQRT_2_PI;
    const N far = r * polynomial(square(r), 0.0833333333f, -0.0027777777f, 0.0007936507f, -0.0005952380f) + main;
    const N result = select(at_most(abs(d1), F(0.25f)), near1, select(at_most(abs(d2), F(0.25f)), near2, far));
    return sfpu::select(less(abs(F(z - 0.5f)), F(0.01f)), F(0.57236494f), F(result));
}
inline F log_gamma_adjusted(F reflected, F log_sine, F x) {
    const N mirrored = (1.1447298858f - N(log_sine)) - N(reflected);
    const F result = sfpu::select(less(x, F(0.5f)), F(mirrored), reflected);
    return WIDE ? sfpu::select(is_infinite(x), F(INFINITE), result) : result;
}

namespace detail {

// value * base^exponent, in the order of the kernels.
inline N scaled_power(N value, N base, int exponent) {
    if constexpr (!BLACKHOLE) {
        for (int i = 0; i < exponent; i++) value = value * base;
        return value;
    }
    for (;; base = square(base)) {
        if (exponent & 1) value = value * base;
        exponent >>= 1;
        if (exponent == 0) return value;
        if (exponent == 1) return N(value * base) * base;
    }
}

}  // namespace detail

// scale times the sum of (x + k)^-(n + 1): six terms, then Euler-Maclaurin.
inline F polygamma(F argument, F n_lanes, F scale_lanes) {
    constexpr int STEPS = APPROXIMATE ? 0 : WIDE ? 2 : 1;
    const int n = static_cast<int>(n_lanes[0]);
    const float scale = scale_lanes[0], n1 = n + 1, n2 = n + 2, n3 = n + 3, n4 = n + 4, n5 = n + 5;
    const N x = argument;
    N sum = 0.0f;
    for (int k = 0; k < 6; k++) {
        const N r = inverse<STEPS>(x + static_cast<float>(k));
        sum = sum + (BLACKHOLE ? detail::scaled_power(scale, r, n + 1) : detail::scaled_power(N(r * scale), r, n));
    }
    const N r = inverse<STEPS>(x + 6.0f), u = square(r);
    const N series = polynomial(u, scale / n, scale * n1 / 12.0f, -scale * (n1 * n2 * n3) / 720.0f,
                                scale * (n1 * n2 * n3 * n4 * n5) / 30240.0f);
    N tail = 0.5f * scale * r + series;
    if constexpr (!BLACKHOLE) tail = detail::scaled_power(tail, r, n);
    else {
        if (n & 1) tail = tail * r;
        if (n >> 1) tail = detail::scaled_power(tail, u, n >> 1);
    }
    return sum + tail;
}

// ---- Bessel functions

inline F bessel_i0(F x) {
    return polynomial(square(x), 1.0f, 0.25f, 0.015625f, 0.0004340277778f, 0.000006781684028f, 6.78E-08f, 4.71E-10f,
                      2.40E-12f, 9.39E-15f, 2.90E-17f, 7.24E-20f, 1.50E-22f);
}

inline F bessel_i1(F argument) {
    const F limited = symmetric_clamp(argument, 88.5f), limited_size = abs(limited);
    const N x = limited, size = limited_size, t = square(x);
#ifdef INP_FLOAT32
    const N numerator = polynomial(t, 5.0000000000e-01f, 5.6819390506e-02f, 1.9247245509e-03f, 2.8397364076e-05f,
                                   2.0916867527e-07f, 7.7937084564e-10f, 1.2293555930e-12f);
    const N denominator = polynomial(t, 1.0f, -1.1361218989e-02f, 6.1268139689e-05f, -1.9771712800e-07f,
                                     3.8127551116e-10f, -3.1218170410e-13f, -3.0635529988e-16f, 7.4301498523e-19f);
    const N power = exp_long<false>(size);
#else
    const N numerator = polynomial(t, 4.9992737740e-01f, 5.4503594600e-02f, 1.6126291630e-03f, 2.0223499130e-05f);
    const N denominator = polynomial(t, 1.0f, -1.6242591070e-02f, 1.0333660750e-04f, -2.5076132990e-07f);
    const N power = exp_short<false>(size);
#endif
    const N near = N(numerator * x) * inverse<APPROXIMATE ? 0 : 2>(denominator);
    N y = as_float(0x5F1110A0 - (bits_of(limited_size) >> 1));
    const N c = -y * N(size * y);
    y = y * (c * (2.2533049f + c) + 2.2825186f);
    const N error = -y * N(size * y) + 1.0f;
    y = error * N(scaled_by(y, -1)) + y;
    const N correction = polynomial(square(y), 3.9894228967e-01f, -1.4960495444e-01f, -4.6652925320e-02f,
                                    -4.3674591560e-02f, -1.9748322314e-02f, -3.3467922914e-01f);
    const N far = N::of_arithmetic(with_sign_of(N(N(power * y) * correction), limited));
    const N result = select(greater(limited_size, F(10.0f)), far, near);
#ifdef INP_FLOAT32
    return result;
#else
    return to_bfloat16(result);
#endif
}

}  // namespace tthal::exact
