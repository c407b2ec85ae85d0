// Powers as the kernels of TT-Metal 0.81.1 compute them.
#pragma once

#include "tthal/vector/exact/exponentials.h"

namespace tthal::exact {

namespace detail {

// Cut to an integer, of numbers that are not negative.
inline U to_positive_integer(F x) {
    const I e = exponent(x);
    const U moved = exact::shifted(bits_of(significand(x)), e - 23);
    return sfpu::select(e < I(0), U(0), sfpu::select(e > I(30), U(0x7FFFFFFF), moved));
}

// log2 |base|, from a series of third degree for its fraction.
inline N log2_short(F base, float one_over_ln2) {
    const N x = N::of_arithmetic(with_exponent(absolute(base), I(127)));
    const N series = polynomial(x, -0x1.952992p+0f, 0x2.4f5388p+0f, -0xd.e712ap-4f, 0x2.44734p-4f);
    return series * one_over_ln2 + N::of_arithmetic(to_float(exponent(base)));
}
// 2^z for z above -127, by integers.
inline F exp2_short(N power) {
    const F limited = sfpu::select(less(power, F(-127.0f)), F(-127.0f), F(power));
    const U z = to_positive_integer(N(scaled_by(limited, 23)) + 1065353216.0f);
    const U fraction = z & FRACTION;
    const N d2 = 0.40196114e-7f * N::of_arithmetic(to_float(fraction + 0xF94EE7));
    const N d3 = N::of_arithmetic(to_float(fraction + 0x560E));
    return with_exponent(as_float(to_positive_integer(N(d2 * d3))), exponent(as_float(z)) + 127);
}

// ln m / ln 2 and the exponent of a positive number, m between sqrt(1/2) and sqrt(2).
struct Log2Long {
    N exponent, rest;
};
// `c0`, `c1`: the line from which the reciprocal starts; `apart`: sums with short constants are not fused.
template <bool apart>
inline Log2Long log2_long(F size, float c0, float c1, float one_over_ln2) {
    const auto two_less = [](Product p) { return apart ? 2.0f - N(p) : 2.0f - p; };
    const N mantissa = N::of_arithmetic(with_exponent(size, I(127)));
    const I upper = at_least(mantissa, F(1.4142135381698608f));
    const N m = select(upper, N(scaled_by(mantissa, -1)), mantissa), sum = m + 1.0f;
    N inverse = c0 - c1 * sum;
    for (int step = 0; step < 3; step++) inverse = inverse * two_less(sum * inverse);
    const N z = (m - 1.0f) * inverse;
    const N p = polynomial(square(z), 1.0f, 0.3333333333333333f, 0.2f, 0.14285714285714285f, 0.1111111111111111f,
                           0.09090909090909091f);
    const N ln = 2.0f * N(z * p);
    return {N::of_arithmetic(to_float(exact::exponent(size) - upper)), ln * one_over_ln2};
}
// pow * log2 as a sum of two numbers.
struct Sum {
    N high, low;
};
inline Sum times(N pow, Log2Long logarithm) {
    const N split = pow * 4097.0f, pow_high = split - (split - pow), pow_low = pow - pow_high;
    return {pow_high * logarithm.exponent, pow_low * logarithm.exponent + pow * logarithm.rest};
}
inline N nearest_integer(N x) { return (x + 12582912.0f) - 12582912.0f; }
inline I integer_of(N x) { return as_int(bits_of(F(x + 12582912.0f)) - 0x4B400000); }

// A negative base gives the sign of odd powers; other than whole powers are `no_number`.
inline F signed_power(F y, F base, F pow, F no_number) {
    const U whole = to_integer16(pow);
    const F result = with_sign_of(y, as_float(whole << 31));
    return sfpu::select(is_negative(base), sfpu::select(different(to_float(whole), pow), no_number, result), y);
}

}  // namespace detail

// base^pow for one pow.
inline F power(F base, F pow) {
    const bool positive = pow[0] >= 0.0f;
    const F size = abs(base);
    F y;
    if constexpr (!WIDE) y = detail::exp2_short(N(pow) * detail::log2_short(base, 1.4426950408889634f));
    else {
        const auto logarithm = detail::log2_long<!BLACKHOLE>(size, 1.003f, 0.244f, 1.4426950408889634f);
        const detail::Sum z = detail::times(N(pow), logarithm);
        const N sum = z.high + z.low, rest = z.low - (sum - z.high);
        const N s = maximum(sum, N(-0x7e.ffff8p0f));
        const N f = (s - detail::nearest_integer(s)) + rest;
        const N r = f * 0.693359375f + f * -2.12194440e-4f;
        const N tail = polynomial(r, 1.0f / 6.0f, 1.0f / 24.0f, 1.0f / 120.0f, 1.0f / 720.0f, 1.0f / 5040.0f);
        const Product third = r * tail;
        const N half = BLACKHOLE ? third + 0.5f : N(third) + 0.5f;
        const N p = polynomial(r, 1.0f, 1.0f, half);
        const F result = with_exponent(p, biased_exponent(p) + detail::integer_of(s));
        y = sfpu::select(at_least(s, F(128.0f)), F(INFINITE), result);
    }
    y = detail::signed_power(y, base, pow, F(QUIET_NAN));
    if (positive) y = sfpu::select(is_zero(size) & is_positive(pow), F(0.0f), y);
    else y = sfpu::select(is_zero(size), F(QUIET_NAN), y);
    return y;
}

// base^pow of any two.
inline F power_of_two_operands(F base, F pow) {
    constexpr float ONE_OVER_LN2 = 1.442695f;
    if constexpr (!WIDE) {
        F y = detail::exp2_short(N(pow) * detail::log2_short(base, ONE_OVER_LN2));
        y = detail::signed_power(y, base, pow, F(QUIET_NAN));
        const F of_zero = sfpu::select(is_negative(pow), F(QUIET_NAN), F(0.0f));
        return sfpu::select(is_zero(absolute(base)) & ~is_zero(pow), of_zero, y);
    }
    const F size = abs(base), pow_size = abs(pow);
    const detail::Sum z =
        detail::times(N(pow), detail::log2_long<false>(size, 1.0f, 0.2426406871192851f, ONE_OVER_LN2));
    N s = z.high + z.low, rest = z.low - (s - z.high);
    const I small = less(s, F(-127.0f));
    s = select(small, N(-127.0f), s);
    rest = select(small, N(0.0f), rest);
    const N fraction = (s - detail::nearest_integer(s)) + rest;
    const F part = exp_long(fraction * 0.693147180559945309f);
    const I e = biased_exponent(part) + detail::integer_of(s);
    F y = sfpu::select(e >= I(255), F(INFINITE), with_exponent(part, e));
    y = detail::signed_power(y, base, pow_size, F(QUIET_NAN));
    const I zero = is_zero(size);
    const F of_zero = with_sign_of(sfpu::select(is_negative(pow), F(INFINITE), F(0.0f)), y);
    y = sfpu::select(zero & ~is_zero(pow_size), of_zero, y);
    return sfpu::select(zero & is_nan(pow), F(QUIET_NAN), y);
}

}  // namespace tthal::exact
