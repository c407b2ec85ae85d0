// The logistic function, the hyperbolic tangent and what is made of them (kernels of TT-Metal 0.81.1).
#pragma once

#include "tthal/vector/exact/exponentials.h"
#include "tthal/vector/exact/lookup.h"
#include "tthal/vector/exact/reciprocals.h"

namespace tthal::exact {

template <bool wide = WIDE>
inline N sigmoid_for(N x) {
    return inverse<wide ? 2 : 1>(1.0f + N(wide ? exp_long(-x) : exp_short(-x)));
}
template <bool approximate = false>
inline F sigmoid(F x) {
    constexpr Lines3 LINES = {{0.2265625f, 0.265625f, 0.0f}, {0.0f, -0.046875f, 0.5f}};
    if constexpr (approximate) return line_with_sign(x, LINES) + 0.5f;
    else return sigmoid_for(x);
}
inline F silu(F x) { return mul(x, sigmoid_for(x)); }

// ---- tanh

namespace detail {

// 1 / x of a number between 2 and 2^127, negative on Wormhole.
inline N coarse_inverse(N x) {
    if constexpr (BLACKHOLE) return N::of_arithmetic(estimated_reciprocal(x));
    else return as_float(0xFEF30000 - bits_of(F(x)));
}
inline Known minus_one_times(Known x) { return BLACKHOLE ? -x : x; }

}  // namespace detail

// (e^2x - 1) / (e^2x + 1).
inline F tanh_long(F argument) {
    // From 61 powers of 2 on, and for NaN, the result is `one`; what comes out of the formula then is never seen.
    const Known x = F(N(argument));
    const U i = rounded_magnitude<255>(Known(x * (2.0f * 1.442695f)));
    const Known j = natural_to_float(i), a = absolute(F(x + x));
    const Known f = meeting_closely(j * -0.6931471805599453f, a);
    Known r = polynomial(f, 0.5f, 1.666667163e-1f, 4.166680202e-2f, 8.331298828e-3f, 1.393318176e-3f, 1.974105835e-04f);
    r = r * square(f) + f;
    const Known scale = as_float((i + 126 & 0xFF) << 23);
    const Known x0 = r * scale + (scale - 0.5f), x1 = x0 + 1.0f;

    Known inverse_x1 = F(detail::coarse_inverse(N(x1)));
    Known t = meeting_closely(detail::minus_one_times(x1) * inverse_x1, 1.0f);
    if constexpr (!BLACKHOLE) t = t * t + t;
    inverse_x1 = inverse_x1 * t + inverse_x1;
    const Known y0 = x0 * inverse_x1;
    t = meeting_closely(detail::minus_one_times(x1) * y0, x0);
    const Known near = t * inverse_x1 + y0;
    const F small = sfpu::select(biased_exponent(argument) >= I(115), F(near), argument);
    F one = 1.0f;
    if (any(is_nan(argument))) {
        const N twice = absolute(N(N(argument) + N(argument)));
        one = N(as_float(bits_of(F(twice)) - 1)) * 0.0f + 1.0f;
    }
    return with_sign_of(sfpu::select(as_int(i) < I(61), small, one), argument);
}

inline F tanh_short(F x) {
    const N size = N(abs(x));
    const auto of = [](auto number, auto series) {
        return series(number, 0.999004364013671875f, 3.0897438526153564453125e-2f, -0.4890659749507904052734375f,
                      0.281917631626129150390625f, -6.6649019718170166015625e-2f, 5.876733921468257904052734375e-3f);
    };
    // Below 4 the signs of terms alternate; from there on the series is above 1, however it is rounded.
    N r;
    if (any(is_nan(x))) r = N(of(size, [](N number, auto... cs) { return polynomial(number, cs...); }) * size);
    else {
        const Known limited = as_float(__builtin_elementwise_min(bits_of(F(size)), bits_of(F(8.0f))));
        r = mul(of(limited, [](Known number, auto... cs) { return polynomial_around(number, cs...); }), limited);
    }
    return with_sign_of(minimum(r, N(1.0f)), x);
}

template <bool approximate = false>
inline F tanh(F x) {
    constexpr Lines6 LINES = {{0.9619140625f, 0.576171875f, 0.287109375f, 0.09643554688f, 0.0390625f, 0.0f},
                              {0.0f, 0.1928710938f, 0.4819335938f, 0.7680664062f, 0.8828125f, 1.0f}};
    if constexpr (approximate) return line_with_sign(x, LINES);
    else return WIDE ? tanh_long(x) : tanh_short(x);
}
inline F softcap(F x, F beta, F inverse_beta) { return mul(tanh_short(mul(x, inverse_beta)), beta); }

inline F tanhshrink(F x) {
    const N number = x, size = N(absolute(x)), u = square(number);
    N q;
    if constexpr (WIDE)
        q = polynomial(u, 3.3333331347e-01f, -1.3333128393e-01f, 5.3934831172e-02f, -2.1660288796e-02f,
                       8.2192532718e-03f, -2.5107525289e-03f, 4.2079269770e-04f);
    else q = polynomial(u, 3.3329936862e-01f, -1.3223160803e-01f, 4.8076551408e-02f, -1.0762925260e-02f);
    const F inner = mul(number * u, q);
    const I outside = greater(absolute(x), F(1.0f));
    if (!any(outside)) return inner;
    if constexpr (WIDE) {
        const N e = exp_long<false>(-2.0f * minimum(size, N(9.0f)));
        const N outer = size - (2.0f * inverse<2>(1.0f + e) - 1.0f);
        return sfpu::select(outside, with_sign_of(outer, x), inner);
    }
    N p = polynomial(size, 6.1829000893e-02f, 1.0561303143e+00f, -4.0859283753e-01f, 5.3348409333e-02f);
    p = N::of_arithmetic(with_sign_of(minimum(p, N(1.0f)), x));
    return sfpu::select(outside, F(number - p), inner);
}

// 1 - tanh(x)^2, as 4 e^-2x / (1 + e^-2x)^2 on Blackhole, and on Wormhole by a series up to 3.
inline F tanh_derivative(F x) {
    if constexpr (BLACKHOLE) {
        const N a = N(absolute(x)), t = a * -2.0f;
        const Reduced reduced(t);
        const N series = polynomial(reduced.r, 1.0f, 1.0f, 4.99999851e-1f, 1.66664720e-1f, 4.16695364e-2f,
                                    8.37312452e-3f, 1.37805939e-3f);
        const N e4 = reduced.raised(series, 2);
        const N q = e4 * 0.0625f + 0.5f, q_low = e4 * 0.0625f + (0.5f - q);
        const N den = e4 * q + 1.0f, den_low = e4 * q_low + (e4 * q + (1.0f - den));
        N y = N::of_arithmetic(estimated_reciprocal(den));
        y = y * (-den * y + 1.0f) + y;
        y = y * (-den * y + 1.0f) + y;
        const N q0 = e4 * y;
        N w = -q0 * den + e4;
        w = -q0 * den_low + w;
        return sfpu::select(less(absolute(x), F(45.0f)), F(w * y + q0), F(0.0f));
    } else {
        const F size = abs(x);
        const N a = size, t = square(a) * (2.0f / 9.0f) + -1.0f;
        const N core =
            polynomial(t, 5.58971869398334972323e-02f, -1.15151201975556879975e-01f, 1.41578556434459129632e-01f,
                       -1.40162303416289407698e-01f, 1.47692044971667296727e-01f, -1.43049915574319674860e-01f,
                       3.59505515570256450886e-02f, 5.00465512420113917136e-02f, 6.00316523798012785518e-02f,
                       -1.46346136132160548060e-01f, 6.33840343077387569082e-02f);
        const Reduced reduced(a * -2.0f + 1.3862943611198906f);
        const N tail = reduced.raised(polynomial(reduced.r, 1.0f, 1.0f, 0.5f, 0.166666667f, 0.0416666667f));
        const F outer = sfpu::select(less(size, F(45.0f)), F(tail), F(0.0f));
        return sfpu::select(less(size, F(3.0f)), F(core), outer);
    }
}

// ---- quotients

inline F softsign(F x) { return mul(x, inverse<APPROXIMATE ? 0 : 2>(N(abs(x)) + 1.0f)); }

// x * tanh(ln(1 + e^x)).
template <bool approximate = false>
inline F mish(F argument) {
    const N x = argument;
    const N u = approximate ? WIDE ? exp_short(x) : F(to_bfloat16(exp_short(x))) : exp_for(x);
    const N numerator = u * (u + 2.0f), sum = u + 1.0f;
    const N inverse_denominator = inverse<approximate ? 0 : WIDE ? 2 : 1>(sum * sum + 1.0f);
    N result = x * N(numerator * inverse_denominator);
    if constexpr (BLACKHOLE) result = select(is_negative(argument), result, x * (1.0f - 2.0f * inverse_denominator));
    return sfpu::select(less(argument, F(8.0f)), F(result), argument);
}

}  // namespace tthal::exact
