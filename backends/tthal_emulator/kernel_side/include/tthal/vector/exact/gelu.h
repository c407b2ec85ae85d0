// The error function and GELU (kernels of TT-Metal 0.81.1).
#pragma once

#include "tthal/vector/exact/logarithms.h"
#include "tthal/vector/exact/sigmoids.h"

namespace tthal::exact {

// ---- erf

namespace detail {

// Numerator and denominator of erf(x) / x in x^2, for float32 and for bfloat16.
inline N erf_numerator_long(N u) {
    return polynomial(u, 1.1283791065e+00f, 2.1477432549e-01f, 6.2133435160e-02f, 5.6230435148e-03f, 6.1307044234e-04f,
                      1.7678321456e-05f, 2.7384647439e-08f, -2.8632063387e-10f);
}
inline N erf_denominator_long(N u) {
    return polynomial(u, 1.0f, 5.2367275953e-01f, 1.2961706519e-01f, 1.9642570987e-02f, 1.9545555115e-03f,
                      1.3179056987e-04f, 1.3156344494e-06f, -3.5153888689e-09f, -6.7350725691e-12f);
}

[[gnu::noinline, gnu::const]] inline F gelu_of_any(F argument) {
    const N x = argument, scaled = minimum(N(x * 0.7071067811865475f), N(10.0f)), u = square(scaled);
    const N quotient = N(erf_numerator_long(u) * scaled) * inverse<2>(erf_denominator_long(u));
    const N erf = clamp(quotient, -1.0f, 1.0f);
    const N usual = x * (0.5f + 0.5f * erf), least = x * 2.9802322387695313e-08f;
    const N inside = select(same(erf, F(-1.0f)), least, usual);
    const I not_small = greater(argument, F(-5.54259443f));
    return all(not_small) ? F(inside) : sfpu::select(not_small, F(inside), F(x - x));
}

// GELU of sizes from 2^-30 to 4 and of zeros, by the same quotient. Clamps and the lower end do not matter there.
inline bool is_middling(F x) {
    const U size = bits_of(x) & MAGNITUDE, least = bits_of(F(0x1p-30f));
    return all((size - least <= bits_of(F(4.0f)) - least) | (size == U(0)));
}
struct Guess {
    F value;
    bool is_sure;
};
inline Guess gelu_of_middling(F argument) {
    const Known x = argument + 0.0f, scaled = x * 0.7071067811865475f, u = scaled * scaled;
    Rising rising(u);
    Known n = u * -2.8632063387e-10f + 2.7384647439e-08f, d = u * -6.7350725691e-12f + -3.5153888689e-09f;
    n = rising.step(n, 1.7678321456e-05f), d = rising.step(d, 1.3156344494e-06f);
    n = rising.step(n, 6.1307044234e-04f), d = rising.step(d, 1.3179056987e-04f);
    n = rising.step(n, 5.6230435148e-03f), d = rising.step(d, 1.9545555115e-03f);
    n = rising.carrying(n, 6.2133435160e-02f), d = rising.step(d, 1.9642570987e-02f);
    n = rising.carrying_around(n, 2.1477432549e-01f), d = rising.step(d, 1.2961706519e-01f);
    n = rising.carrying(n, 1.1283791065e+00f), d = rising.carrying(d, 5.2367275953e-01f);
    d = rising.carrying(d, 1.0f);
    const Known quotient = Known(n * scaled) * inverse_of_tame(d);
    return {Known(x * (quotient * 0.5f + 0.5f)), rising.is_sure()};
}

}  // namespace detail

// Kernels of float32 data define INP_FLOAT32.
template <bool approximate = true>
inline F erf(F argument) {
    const N x = N(symmetric_clamp(argument, 10.0f)), u = square(x);
#ifdef INP_FLOAT32
    const N numerator = detail::erf_numerator_long(u), denominator = detail::erf_denominator_long(u);
#else
    const N numerator = polynomial(u, 1.1280932447e+00f, 2.7609212279e-01f, 4.5400281738e-02f, 7.4481184425e-04f);
    const N denominator =
        polynomial(u, 1.0f, 5.7439188334e-01f, 1.3675764810e-01f, 8.2844606784e-03f, 2.4813862145e-05f);
#endif
    return clamp(N(N(numerator * x) * inverse<approximate ? 0 : 2>(denominator)), -1.0f, 1.0f);
}

inline F erfc(F argument) {
    const F size = minimum(abs(argument), F(5.0f));
    const N x = size;
    const N n0 =
        polynomial(x, 1.0000233650e+00f, -1.3375675678e+00f, 6.8185544014e-01f, -1.5691982210e-01f, 1.3746744953e-02f);
    const N d0 = polynomial(x, 1.0000000000e+00f, -2.0801517367e-01f, 4.3667086959e-01f, -3.4568668343e-03f,
                            2.5104774162e-02f, 2.8375532478e-02f);
    const N n1 =
        polynomial(x, -2.5655237550e-05f, 2.1275576728e-05f, -6.6162156145e-06f, 9.1439767402e-07f, -4.7387182178e-08f);
    const N d1 = polynomial(x, 1.0000000000e+00f, -1.6457208991e-01f, -2.0572184026e-01f, -1.3888636231e-01f,
                            1.2677097321e-01f, -2.1375391632e-02f);
    const I far = at_least(size, F(2.5f));
    const N r = select(far, n1, n0) * inverse<0>(select(far, d1, d0));
    return sfpu::select(is_negative(argument), F(2.0f - r), F(r));
}

inline F erfinv(F argument) {
    const N x = argument;
    const N logarithm = log_to<Base::E, false, false>(1.0f - x * x);
    const N tmp = -0.5f * logarithm + -4.330746750799873f;
    const N root = newton_root(tmp * tmp - logarithm * 6.802721088435375f);
    return with_sign_of(newton_root(tmp + root), argument);
}

// ---- GELU

template <bool approximate = true>
inline F gelu(F argument) {
    const N x = argument;
    if constexpr (approximate) {
        constexpr Lines6 LINES = {{0x1.8acp-3f, 0x1.f9cp-2f, 0x1.3ccp-1f, 0x1.384p-1f, 0x1.148p-1f, 0.5f},
                                  {-0x1.b6p-14f, -0x1.488p-3f, -0x1.1e4p-2f, -0x1.0dcp-2f, -0x1.e9p-4f, 0.0f}};
        // The product is exact, so that the sum is correctly rounded.
        const F half = F(x) * 0.5f, size = absolute(half);
        const N lines = line(argument, LINES);
        return all((size >= F(0x1p-126f)) & (size < F(INFINITE))) ? add(N::of_arithmetic(half), lines)
                                                                  : x * 0.5f + lines;
    } else if constexpr (WIDE) {
        if (detail::is_middling(argument)) {
            const detail::Guess guess = detail::gelu_of_middling(argument);
            if (guess.is_sure) return guess.value;
        }
        return detail::gelu_of_any(argument);
    } else {
        // Both formulas have terms of alternating signs where they are chosen.
        const Known k = F(x), u = k * k;
        const Known odd =
            polynomial_around(u, 3.9894227818e-01f, -6.6361041488e-02f, 9.7720050615e-03f, -1.0717806322e-03f,
                              8.1812159812e-05f, -3.8082057209e-06f, 7.9821413868e-08f);
        const N core = mul(x, around(k * odd, 5.000000000e-01f));
        const I low = less(argument, F(-3.125f));
        N tail = 0.0f;
        if (any(low)) {
            const N e = power_of_two_biased(N(u) * -0.72134752044f + 127.0f);
            const Known h =
                polynomial_around(k, 3.0369991064e-01f, 9.5413386822e-02f, 1.3809983619e-02f, 7.5950479368e-04f);
            tail = x * ((e * N(h) + 0.375f) - 0.375f);
        }
        const I in_tail = greater(argument, F(-5.54259443f)), in_core = in_tail & ~low;
        const F upper = sfpu::select(at_least(argument, F(2.78125f)), argument, F(core));
        return sfpu::select(in_core, upper, sfpu::select(in_tail, F(tail), F(0.0f)));
    }
}

// `fast` divides by 1 + e^-2u instead.
template <bool fast = false>
inline F gelu_tanh(F argument) {
    const N x = argument, u = square(x);
    if constexpr (!fast) {
        const N cubic = x * (0.044715f * u + 1.0f), half = 0.5f * x;
        return half * N(tanh_long(mul(0.7978845608028654f, cubic))) + half;
    }
    N power;
    if constexpr (BLACKHOLE) power = x * (u * -1.0294324160e-01f + -2.3022081852e+00f) + 127.0f;
    else power = N(x * (0.044715f * u + 1.0f)) * -2.3022081981f + 127.0f;
    const U z = detail::fixed_point(clamp(power, 0.0f, 254.0f));
    const N fraction = N::of_arithmetic(to_float(z & FRACTION));
    N series;
    if constexpr (BLACKHOLE)
        series = polynomial(fraction, 1.0f, 8.2622300113e-08f, 3.4278135885e-15f, 8.8508325543e-23f, 2.7117093617e-30f);
    else
        series = polynomial(fraction, 1.0000025517e+00f, 8.2612558619e-08f, 3.4310902370e-15f, 8.8111597259e-23f,
                            2.7332817452e-30f);
    const N denominator = N(with_exponent(series, as_int(z >> 23 & 0xFF))) + 1.0f;
    if constexpr (!BLACKHOLE) return mul(x, inverse<2>(denominator));
    N r = N::of_arithmetic(estimated_reciprocal(denominator));
    r = r * (2.0f - denominator * r);
    r = r * (2.0f - denominator * r);
    return mul(x, r);
}

namespace detail {

// x e^t, below the smallest numbers 0.
inline N times_exp(N x, N t) {
    const Reduced reduced(t);
    const N series = polynomial(reduced.r, 1.0f, 1.0f, 0.5f, 0.166666667f, 0.0416666667f, 0.00833333333f);
    return reduced.raised(x * series);
}

}  // namespace detail

template <bool approximate = false>
inline F gelu_derivative(F argument) {
    N x = argument;
    I saturated = at_least(argument, F(3.1719f));
    if constexpr (BLACKHOLE && WIDE) {
        saturated = at_most(F(mad(argument, -1.0f, F(0.0f))), F(-3.1719f));
        x = mad(argument, 1.0f, F(0.0f));
        argument = x;
    }
    const N u = square(x);
    const N core = x * polynomial(u, 7.9788309336e-01f, -2.6593554020e-01f, 5.9766173363e-02f, -9.4142099842e-03f,
                                  1.1061388068e-03f, -9.7448595625e-05f, 6.0921474869e-06f, -2.3764030743e-07f,
                                  4.2734988881e-09f) +
                   0.5f;
    N tail = detail::times_exp(x, u * -0.5f) * 0.3989422804014327f;
    if constexpr (!approximate) {
        const N inverse_u = inverse<WIDE ? 2 : 1>(u);
        tail = tail * ((1.0f - inverse_u) + inverse_u * inverse_u);
    }
    const F outer = sfpu::select(greater(argument, F(-13.375f)), F(tail), F(0.0f));
    const F inner = sfpu::select(at_least(argument, F(-3.0f)), F(core), outer);
    const F result = sfpu::select(saturated, F(1.0f), inner);
    if constexpr (WIDE && !BLACKHOLE) return sfpu::select(as_int(bits_of(F(u))) > I(EXPONENT), argument, result);
    return result;
}

}  // namespace tthal::exact
