// Functions of two numbers (kernels of TT-Metal 0.81.1): remainders, arc tangents, logarithms of sums.
#pragma once

#include "tthal/vector/exact/exponentials.h"
#include "tthal/vector/exact/logarithms.h"
#include "tthal/vector/exact/simple.h"
#include "tthal/vector/exact/trigonometry.h"

namespace tthal::exact {

// ---- remainders

using sfpu::Divisor;

namespace detail {

// The whole part of a quotient below 2^23.
inline F whole_quotient(F product, I e) {
    const F cut = as_float(exact::shifted(exact::shifted(bits_of(product), e - 23), 23 - e));
    return sfpu::select(e < I(0), F(0.0f), sfpu::select(e < I(23), cut, product));
}
// What is left once more than a divisor remained.
inline F below_divisor(N v, N s) {
    for (int step = 0; step < 10; step++) {
        const I above = at_least(v, s);
        if (!any(above)) break;
        v = select(above, v - s, v);
    }
    return sfpu::select(is_zero(N(abs(v)) - s), F(0.0f), F(v));
}

}  // namespace detail

inline F fmod(F argument, Divisor divisor) {
    const N v = N(abs(argument)), s = N(__builtin_fabsf(divisor.value));
    const F product = mul(v, __builtin_fabsf(divisor.reciprocal));
    const I e = exponent(product);
    N quotient = N(detail::whole_quotient(product, e));
    quotient = select((e < I(23)) & greater(mul(quotient, s), v), quotient - 1.0f, quotient);
    const F rest = with_sign_of(v - quotient * s, argument);
    return detail::below_divisor(N(sfpu::select(is_zero(s), F(QUIET_NAN), rest)), s);
}

inline F remainder(F argument, Divisor divisor) {
    const N v = N(abs(argument)), s = N(__builtin_fabsf(divisor.value)), value = divisor.value;
    const F product = mul(v, __builtin_fabsf(divisor.reciprocal));
    N quotient = N(detail::whole_quotient(product, exponent(product)));
    quotient = select(greater(quotient, product), quotient - 1.0f, quotient);
    N rest = v - quotient * s;
    rest = select(is_negative(argument) & ~is_zero(rest), s - rest, rest);
    rest = select(is_negative(value) & ~is_zero(rest), rest + value, rest);
    const F signed_rest = with_sign_of(rest, value);
    return detail::below_divisor(N(sfpu::select(is_zero(s), F(QUIET_NAN), signed_rest)), s);
}

inline F fmod(F x, F y) {
    const N a = x, b = y, size = N(abs(y));
    const N quotient = N(trunc(mul(a, inverse<2>(y))));
    N result = a - quotient * b;
    const I beyond = at_least(abs(F(result)), abs(y));
    result = select(beyond, select(at_least(result, F(0.0f)), result - size, result + size), result);
    const I positive = at_least(x, F(0.0f));
    result = select(positive & less(result, F(0.0f)), result + size,
                    select(~positive & greater(result, F(0.0f)), result - size, result));
    const F unequal = sfpu::select(same(x, y), F(0.0f), F(result));
    return sfpu::select(same(y, F(0.0f)), F(QUIET_NAN), unequal);
}

inline F remainder(F x, F y) {
    const N a = x, b = y;
    const N quotient = N(floor(mul(a, inverse<2>(y))));
    N result = a - quotient * b;
    const I opposed = as_int(bits_of(F(result)) ^ bits_of(y)) < I(0);
    result = select(different(result, F(0.0f)) & opposed, result + b, result);
    N apart = result - b;
    result = select(greater(y, F(0.0f)) & greater(x, F(0.0f)) & at_least(apart, F(0.0f)), apart, result);
    apart = result - b;
    result = select(less(y, F(0.0f)) & less(x, F(0.0f)) & at_most(apart, F(0.0f)), apart, result);
    return sfpu::select(same(y, F(0.0f)), F(QUIET_NAN), F(result));
}

// ---- the angle of (x, y)

inline F atan2(F y, F x) {
    constexpr bool SHORT = !WIDE || APPROXIMATE;
    const F x_size = absolute(x), y_size = absolute(y);
    const F low = minimum(x_size, y_size), high = maximum(x_size, y_size);
    const N a = N(low) * inverse<SHORT ? 0 : 2>(high), s = square(a);
    N q;
    if constexpr (WIDE)
        q = polynomial(s, -0x1.555558p-2f, 0x1.99938ap-3f, -0x1.24p-3f, 0x1.bd4p-4f, -0x1.48cp-4f, 0x1.93p-5f,
                       -0x1.4bcp-6f, 0x1.01cp-8f);
    else q = polynomial(s, -0x1.54p-2f, 0x1.668p-3f, -0x1.de8p-5f);
    constexpr float HALF = 0x1.921fb6p+0f;
    const N r = N(q * s) * a + a;
    const F equal = sfpu::select(is_zero(high), F(0.0f), F(HALF * 0.5f));
    const I steep = as_int(bits_of(low)) >= as_int(bits_of(x_size)),
            diagonal = as_int(bits_of(low)) >= as_int(bits_of(high));
    const F upper = sfpu::select(steep, sfpu::select(diagonal, equal, F(HALF - r)), F(r));
    const F angle = sfpu::select(is_negative(x), F(HALF * 2.0f - N(upper)), upper);
    return sfpu::select(is_nan(high), F(QUIET_NAN), with_sign_of(stored(angle), y));
}

// ---- logarithms of sums of powers

namespace detail {

struct Gap {
    F larger;
    N distance;
    Gap(F a, F b) : larger(maximum(a, b)), distance(N(abs(F(N(a) - N(b))))) {
        const I invalid = is_nan(distance);
        if (!any(invalid)) return;
        larger = sfpu::select(invalid, F(N(a) + N(b)), larger);
        distance = select(invalid, N(0.0f), distance);
    }
};
inline N log1p_of_unit(N y) {
    const N r = polynomial(y, -0x1.f48448p-2f, 0x1.074d5ap-2f, -0x1.3402cep-4f);
    return r * N(y * y) + y;
}

}  // namespace detail

inline F logaddexp(F a, F b) {
    const detail::Gap gap(a, b);
    if constexpr (WIDE) return add(gap.larger, log1p_for<true>(exp_long(-gap.distance)));
    const N power = to_bfloat16(exp_short<false>(-minimum(gap.distance, N(88.0f))));
    return add(gap.larger, detail::log1p_of_unit(power));
}
inline F logaddexp2(F a, F b) {
    const detail::Gap gap(a, b);
    if constexpr (WIDE)
        return N(log1p_for<true>(exp_long(N(gap.distance * -0.693147182f)))) * 1.442695041f + N(gap.larger);
    const N power = to_bfloat16(power_of_two_biased(clamp(-gap.distance + 127.0f, 0.0f, 255.0f)));
    return detail::log1p_of_unit(power) * 1.442695041f + N(gap.larger);
}

// a ln b, with what lies in DST in between.
inline F xlogy(F a, F b) {
    const F held = kept_in_dst(b);
    const N x = N::of_arithmetic(with_exponent(held, I(127)));
    const N series = polynomial(x, -1.49277612f, 2.11263230f, -0.72910421f, 0.10968964f);
    const N logarithm = N::of_arithmetic(to_float(exponent(held))) * 0.69314718f + series;
    const F log_held = kept_in_dst(sfpu::select(is_zero(held), F(-INFINITE), F(logarithm)));
    return sfpu::select(is_negative(b) | same(b, F(QUIET_NAN)), F(QUIET_NAN), F(mul(log_held, a)));
}

// ---- neighbours and nearness

// The next pattern after a toward b, in steps of `step` patterns.
inline F next_after(F a, F b, int32_t step) {
    const I below = less(a, b), above = greater(a, b);
    I moved = sfpu::select(below & ~is_negative(a), I(step), I(0));
    moved = sfpu::select(below & is_negative(a), I(-step), moved);
    moved = sfpu::select(above & is_positive(a), I(-step), moved);
    moved = sfpu::select(above & ~is_positive(a), I(step), moved);
    F result = as_float(bits_of(a) + bits_of(moved));
    const F tiny = as_float(bits_of(I(step)));
    const I zero = is_zero(absolute(a));
    result = sfpu::select(zero & is_positive(b), tiny, result);
    result = sfpu::select(zero & is_negative(b), negated(tiny), result);
    result = sfpu::select(zero & is_zero(absolute(b)), b, result);
    return sfpu::select(is_nan(a) | is_nan(b), F(QUIET_NAN), result);
}

template <bool equal_nan>
inline I is_close(F a, F b, F rtol, F atol) {
    const F tolerance = N(rtol) * N(abs(b)) + N(atol);
    const I near = at_most(abs(F(N(a) - N(b))), tolerance);
    const I equal = is_infinite(a) & same(a, b);
    const I special = equal_nan ? equal | (is_nan(a) & is_nan(b)) : equal;
    return sfpu::select(~is_finite(a) | ~is_finite(b), special, near);
}

}  // namespace tthal::exact
