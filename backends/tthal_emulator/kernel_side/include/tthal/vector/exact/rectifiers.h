// Smooth rectifiers (kernels of TT-Metal 0.81.1).
#pragma once

#include "tthal/vector/exact/exponentials.h"

namespace tthal::exact {

inline F elu(F x, F slope) { return sfpu::select(is_negative(x), F(mul(slope, expm1_reduced(x))), x); }
inline F selu(F x, F scale, F alpha) {
    return sfpu::select(is_negative(x), F(mul(scale * alpha, expm1_reduced(x))), F(mul(scale, x)));
}
inline F celu(F x, F alpha, F inverse_alpha) {
    return sfpu::select(is_negative(x), F(mul(alpha, expm1_reduced(mul(inverse_alpha, x)))), x);
}

// ln(1 + e^(beta x)) / beta; beyond the threshold x stays in DST. Kernels of float32 data define INP_FLOAT32.
inline Some softplus(F x, F beta, F inverse_beta, F threshold) {
    const N t = mul(beta, x), a = absolute(t);
#ifdef INP_FLOAT32
    const N near =
        polynomial(a, 6.9310557842e-01f, -4.9926245213e-01f, 1.2186349183e-01f, 5.6753782555e-03f, -1.0528374463e-02f,
                   2.7290175203e-03f, -3.4358495031e-04f, 2.1285692128e-05f, -4.8245715334e-07f);
    const Reduced reduced(-a);
    const N e = reduced.raised(polynomial(reduced.r, 1.0f, 1.0f, 0.5f, 0.166666667f, 0.0416666667f, 0.00833333333f,
                                          0.00138888889f, 0.000198412698f));
    const N far = e * (e * (e * 0.333333343f + -0.5f) + 1.0f);
#else
    const N near = polynomial(a, 6.9423984729e-01f, -5.0932420424e-01f, 1.4279095486e-01f, -1.3000584069e-02f,
                              -1.8627923291e-03f, 5.0152968088e-04f, -3.1273466851e-05f);
    const N far = 0.0f;
#endif
    const N residual = select(greater(a, F(5.0f)), far, near);
    return {mul(inverse_beta, maximum(t, N(0.0f)) + residual), at_most(t, threshold)};
}

// `exponential` is e^-x.
inline F logsigmoid(F x, F exponential) {
    const F opposite = negated(x);
    const N series = polynomial(N(opposite), 0.6924354434013367f, 0.49275708198547363f, 0.12142381817102432f,
                                0.0031102809589356184f, -0.00330807245336473f, -0.00028794066747650504f,
                                5.3185409342404455e-05f, 7.1853546614875086e-06f, 7.4961114648886e-08f);
    const I below = less(opposite, F(-4.0f)), inside = at_least(opposite, F(-4.0f)) & less(opposite, F(4.0f));
    return sfpu::select(below, negated(exponential), sfpu::select(inside, F(-series), x));
}

inline F xielu(F argument, F alpha_p, F alpha_n) {
    const N x = argument, half = 0.5f * x, limited = N(maximum(N(x * 1.4426950408889634f), N(-126.5f)));
    const Reduced reduced(x, limited + 12582912.0f);
    const N series = polynomial(reduced.r, 1.0f, 1.0f, 0.5f, 1.0f / 6.0f, 1.0f / 24.0f, 1.0f / 120.0f, 1.0f / 720.0f,
                                1.0f / 5040.0f);
    const N far = (reduced.raised(series) - 1.0f) - x;
    const N near = N(x * x) * polynomial(x, 0.500000059604644775390625f, 0.16666667163372039794921875f,
                                         4.16650883853435516357421875e-2f, 8.333188481628894805908203125e-3f,
                                         1.400390756316483020782470703125e-3f, 1.99588379473425447940826416015625e-4f);
    const N closest = -0.0000009999995427f - x;
    const N term = select(at_least(argument, F(-1e-6f)), closest, select(greater(argument, F(-0.5f)), near, far));
    return sfpu::select(is_positive(argument), F(N(alpha_p * x) * x + half), F(alpha_n * term + half));
}

}  // namespace tthal::exact
