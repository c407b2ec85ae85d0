// Reciprocals, quotients and square roots, as the kernels of TT-Metal 0.81.1 find them: an estimate, then Newton steps.
#pragma once

#include "tthal/vector/exact/known.h"
#include "tthal/vector/exact/operands.h"

namespace tthal::exact {

constexpr bool APPROXIMATE = APPROX;  // ComputeConfig(math_approx_mode=..)

// ---- 1 / x

namespace detail {

// 8 bits of 1 / x, without its sign, of numbers whose reciprocals have no extreme exponents.
inline U estimated_reciprocal_of_usual(U size) {
    // No quotient lies between two integers: to nearest is a sum with a number that has no room for a fraction.
    const F quotient = 65536.0f / __builtin_convertvector(as_int((size >> 15 & 0xFE) + 257), F) + 0x1p23f;
    return (bits_of(quotient) << 16) + ((253u << 23) - (128u << 16)) - (size & EXPONENT);
}

}  // namespace detail

// The instruction of Blackhole: 8 bits, 0 for what is 2^126 or more (SFPARECIP).
inline F estimated_reciprocal(F x) {
    const U size = bits_of(x) & MAGNITUDE, result = detail::estimated_reciprocal_of_usual(size);
    const U limited = sfpu::select(size < U(ONE_EXPONENT), U(EXPONENT), result & bits_of(size < U(0x7E800000)));
    return as_float(limited | (bits_of(x) & SIGN));
}

// Where the polynomial of Wormhole begins: for float32, and for what is rounded to bfloat16 afterwards.
struct ReciprocalEstimate {
    float c0, c1, c2;
};
constexpr ReciprocalEstimate TO_FLOAT32 = {0.3232325017452239990234375f, 1.4545459747314453125f,
                                           2.121212482452392578125f};
constexpr ReciprocalEstimate TO_BFLOAT16 = {0.32133400440216064453125f, 1.4514148235321042911f,
                                            2.1200883388519287109375f};

namespace detail {

inline F mantissa(F x) { return as_float((bits_of(x) & FRACTION) | BIAS); }
// The mantissa's inverse times the power of two that x has, by exponents alone.
inline F inverse_by_mantissa(F inverse, F m, F x) { return as_float(bits_of(inverse) - (bits_of(x) - bits_of(m))); }

// 1 - m y as the unit cuts it, in units of 2^-26: what m y lacks to a number 8 to 16 units above it has three bits of
// whole units, and the sums are exact but for the last bit of that. Without `remembers` all count as numbers that lose
// something, and become odd.
template <bool remembers>
inline F first_error(F m, F y) {
    constexpr float UNIT = 0x1p-26f;
    constexpr uint32_t ODD = 0x00100000, BELOW = ODD - 1;
    const F above = fused(m, y, F(12.0f * UNIT)), rest = fused_from(above, m, y);
    const F cut = as_float(bits_of(rest) & ~BELOW);
    const U lost = remembers ? bits_of(rest != cut) : U(~0u);
    return (1.0f - above) + as_float(bits_of(cut) | (lost & ODD));
}
// In two units a number that loses something lies half above the whole one below it.
constexpr int TWO_UNITS = 25;
inline F cut_to_odd(F x) {
    const F whole = __builtin_elementwise_floor(x);
    return whole + as_float(bits_of(whole != x) & 0x3F000000);
}
inline F second_error(F m, F y) {
    constexpr float SCALE = 1 << TWO_UNITS;
    const F scaled = as_float(bits_of(m) + TWO_UNITS * ONE_EXPONENT), near = scaled * y;
    return fused_from(F(1.0f), near, F(1.0f / SCALE)) + cut_to_odd(fused_from(near, scaled, y)) * (1.0f / SCALE);
}

// 1 / m of an m from 1 to 2, by two steps, one, or one whose result is rounded to bfloat16 afterwards. That these short
// forms have the unit's bits was tried with all 2^23 numbers for each of the three.
template <int steps, bool to_bf16 = false>
inline F inverse_of_mantissa(F m) {
    static_assert(steps < 2 || !to_bf16);
    constexpr ReciprocalEstimate estimate = to_bf16 ? TO_BFLOAT16 : TO_FLOAT32;
    F y = fused_from(F(estimate.c1), F(estimate.c0), m);
    // What is cut to odd at 2^-25 and rounded to 2^-24 is a multiple of 2^-23, the nearest one.
    y = fused_from(F(estimate.c2 + 1.0f), y, m) - 1.0f;
    y = fused(y, first_error<steps <= 1 && !to_bf16>(m, y), y);
    if constexpr (steps > 1) y = fused(y, second_error(m, y), y);
    return y;
}
// Of numbers from 2^-62 to 2^63 quotients have no extreme exponents.
inline bool all_tame(F a, F b) {
    const auto above = [](F x) { return (bits_of(x) & EXPONENT) - 65 * ONE_EXPONENT; };
    return all_below(__builtin_elementwise_max(above(a), above(b)), 125 * ONE_EXPONENT);
}

template <int steps, bool to_bf16, bool normalized>
inline N reciprocal_wormhole(F x) {
    const F m = mantissa(x);
    F y = inverse_of_mantissa<steps, to_bf16>(m);
    if constexpr (to_bf16) y = to_bfloat16(y);
    if constexpr (normalized) return N::of_arithmetic(with_sign_of(y, x));
    if (all_below((bits_of(x) & EXPONENT) - ONE_EXPONENT, 252 * ONE_EXPONENT))
        return N::of_arithmetic(inverse_by_mantissa(y, m, x));
    const N scaled = mul(N::of_arithmetic(y), N(as_float(~bits_of(x) & ~FRACTION)) * 0.5f);
    return N::of_arithmetic(with_sign_of(F(scaled), x));
}

// Of 2^-100 to 2^92, whose reciprocals' last bits are numbers too.
inline bool all_have_reciprocals(F x) {
    return all_below((bits_of(x) & EXPONENT) - 27 * ONE_EXPONENT, 192 * ONE_EXPONENT);
}
inline Known estimate_of_usual(F x) {
    return as_float(estimated_reciprocal_of_usual(bits_of(x) & MAGNITUDE) | (bits_of(x) & SIGN));
}
// One step from the estimate, of 1 to 2 by its fraction: the estimate has 8 bits, so the product with it has 32.
inline Known inverse_of_fraction(U fraction) {
    const F sum = 65536.0f / __builtin_convertvector(as_int((fraction >> 15 & 0xFE) + 257), F) + 0x1p23f;
    const U error = 0 - (fraction | ONE_EXPONENT) * (bits_of(sum) & 0xFF);
    // Cut to the place of 2, as a sum with it is.
    const U kept = error >> 6 | __builtin_elementwise_min(error & 63, U(1));
    return in_step((sum - 0x1p23f) * 0x1p-33f * __builtin_convertvector(as_int(kept), F));
}
// Powers of 2 change nothing but the exponent.
template <int steps>
inline Known inverse_blackhole(F x) {
    const U fraction = bits_of(x) & FRACTION;
    Known y = inverse_of_fraction(fraction);
    if constexpr (steps > 1) y = y * -meeting(Known(as_float(fraction | BIAS)) * y, -2.0f);
    return as_float(bits_of(F(y)) + (BIAS - (bits_of(x) & ~FRACTION)));
}

template <int steps>
[[gnu::noinline, gnu::const]] F inverse_blackhole_of_any(F lanes) {
    const N x = N::of_arithmetic(lanes), y = N::of_arithmetic(estimated_reciprocal(lanes));
    const N error = x * y - 2.0f, better = y * -error - 0.0f;
    if constexpr (steps == 1) return select(is_negative(error), better, y);
    const N rest = x * better - 2.0f, best = better * -rest - 0.0f;
    return select(is_negative(error), best, y);
}

template <int steps, bool normalized>
inline N reciprocal_blackhole(N x) {
    if constexpr (steps == 0) return N::of_arithmetic(estimated_reciprocal(x));
    else if (normalized || all_have_reciprocals(x)) return inverse_blackhole<steps>(x);
    else return N::of_arithmetic(inverse_blackhole_of_any<steps>(x));
}

// As recip_tile finds it: to float32, and for a 16-bit DST.
template <typename Number>
inline N reciprocal_by_series(Number x, Number r) {
    const Number error = meeting_closely(-x * r, 1.0f), square = error * error + error, series = square * error + error;
    if constexpr (std::is_same_v<Number, Known>) return Known(series * r + r);
    else return minimum(N(1.0f), series) * r + r;
}
template <typename Number>
inline F reciprocal_by_integer(Number x, F estimate) {
    // The error of the estimate, above the bits that are kept, is added to it as an integer.
    const Number odd = as_float(bits_of(estimate) | 0x8000);
    const Number error = meeting_closely(x * odd, -1.0f);
    return as_float(bits_of(odd) + (bits_of(F(error)) >> 16));
}
[[gnu::noinline, gnu::const]] inline F reciprocal_blackhole_of_any(F x) {
    const F estimate = estimated_reciprocal(x);
    if constexpr (WIDE) return reciprocal_by_series(N(x), N::of_arithmetic(estimate));
    else return reciprocal_by_integer(N(x), estimate);
}

}  // namespace detail

// What other functions divide by; `normalized` is a number between 1 and 2 and its negative.
template <int steps = 2, bool normalized = false>
inline N inverse(F x) {
    if constexpr (BLACKHOLE) return detail::reciprocal_blackhole<steps, normalized>(x);
    else return detail::reciprocal_wormhole<steps, false, normalized>(x);
}

template <bool approximate = APPROXIMATE>
inline N reciprocal(F x) {
    if constexpr (!BLACKHOLE) {
        if constexpr (approximate) return inverse<0>(x);
        else if constexpr (WIDE) return inverse<2>(x);
        else return detail::reciprocal_wormhole<1, true, false>(x);
    } else {
        if constexpr (approximate) return estimated_reciprocal(x);
        else if (!detail::all_have_reciprocals(x)) return detail::reciprocal_blackhole_of_any(x);
        else if constexpr (WIDE) return detail::reciprocal_by_series(Known(x), detail::estimate_of_usual(x));
        else return detail::reciprocal_by_integer(Known(x), detail::estimate_of_usual(x));
    }
}

// value / x
template <bool approximate = APPROXIMATE>
inline N reverse_quotient(F value, F x) {
    if constexpr (approximate) return N(value) * inverse<0>(x);
    else if constexpr (WIDE) return N(value) * inverse<2>(x);
    else return N(value) * to_bfloat16(inverse<1>(x));
}

namespace detail {

// Of a 32-bit DST, for any exponents.
[[gnu::noinline, gnu::const]] inline F quotient_of_any(F a, F b) {
    const N ma = N::of_arithmetic(with_exponent(a, I(127))), mb = N::of_arithmetic(with_exponent(b, I(127)));
    const N r = inverse<1, true>(mb);
    const N estimate = ma * r, rest = BLACKHOLE ? ma - estimate * mb : ma + estimate * -mb;
    const N q = estimate + rest * r;
    const I ea = biased_exponent(a), eb = biased_exponent(b);
    const I places = ea - eb + 127 + biased_exponent(q), half = as_int(bits_of(places) >> 1);
    const N scaled = N(with_exponent(q, half)) * N(with_exponent(F(1.0f), places - half));
    const I usual = (ea >= I(1)) & (ea < I(255)) & (eb >= I(1)) & (eb < I(255));
    const I nan = as_int(bits_of(b) & MAGNITUDE) > I(EXPONENT);
    if constexpr (BLACKHOLE) {
        const N scale = as_float(~bits_of(b) & ~FRACTION);
        return sfpu::select(usual, F(scaled), F(N(as_float(bits_of(nan))) - N(a) * scale));
    }
    const N scale = as_float((bits_of(b) & ~FRACTION) ^ EXPONENT);
    return sfpu::select(usual, F(scaled), sfpu::select(nan, b, F(mul(a, scale))));
}

}  // namespace detail

namespace detail {

inline Known inverse_of_tame(F x) {
    if constexpr (BLACKHOLE) return inverse_blackhole<2>(x);
    const F m = mantissa(x);
    return inverse_by_mantissa(inverse_of_mantissa<2>(m), m, x);
}

}  // namespace detail

inline N quotient(F a, F b) {
    if constexpr (WIDE) {
        if (!detail::all_tame(a, b)) return detail::quotient_of_any(a, b);
        const F m = detail::mantissa(b);
        // All that stems from the dividend is counted in two units of the cut.
        const F ma = as_float((bits_of(a) & FRACTION) | (BIAS + detail::TWO_UNITS * ONE_EXPONENT));
        F r;
        if constexpr (BLACKHOLE) r = detail::inverse_of_fraction(bits_of(b) & FRACTION);
        else r = detail::inverse_of_mantissa<1>(m);
        // One step of Newton's method is no more than 1 / m, so that the estimate is below 2.
        const F estimate = ma * r, near = estimate * m;
        const F rest = (ma - near) + detail::cut_to_odd(fused_from(near, estimate, m)), q = fused(rest, r, estimate);
        return N::of_arithmetic(as_float(bits_of(q) + (bits_of(a) - bits_of(ma)) - (bits_of(b) - bits_of(m))));
    } else {
        if (detail::all_tame(a, b)) return Known(a) * detail::inverse_of_tame(b);
        const F q = mul(a, inverse<2>(b));
        const F by_zero = sfpu::select(is_zero(a), F(QUIET_NAN), with_sign_of(F(INFINITE), a));
        return sfpu::select(is_zero(b), by_zero, q);
    }
}

// ---- square roots

namespace detail {

// y, and x y y below 1, of the estimate 1 / sqrt(x).
template <bool reciprocal, typename Number>
inline F root_by_steps(F x) {
    Number number;
    if constexpr (std::is_same_v<Number, Known>) number = x;
    else number = N(x);
    Number y = as_float(0x5F1110A0 - (bits_of(x) >> 1)), xy = number * y;
    const Number c = -y * xy;
    y = y * Number(meeting(c * (2.2533049f + c), 2.2825186f));
    xy = number * y;
    const Number error = meeting_closely(-y * xy, 1.0f);
    if constexpr (reciprocal) return error * Number(scaled_by(y, -1)) + y;
    const Number root = error * Number(0.5f * xy) + xy;
    if constexpr (std::is_same_v<Number, Known>) return root;
    else return select(less_wrapped(as_int(bits_of(x)), I(EXPONENT)), root, y);
}
template <bool reciprocal>
[[gnu::noinline, gnu::const]] F root_of_any(F x) {
    return root_by_steps<reciprocal, N>(x);
}

// From another estimate, in one step.
template <bool reciprocal>
inline F root_approximate(F x) {
    const N number = x, y = as_float(0x5F0B3892 - (bits_of(x) >> 1));
    const N c = number * y, factor = -y * c + 1.89099014875f;
    const I infinite = bits_of(x) == U(EXPONENT);
    return select(infinite & I(reciprocal ? 0 : -1), c, (reciprocal ? y : c) * factor);
}

}  // namespace detail

template <bool reciprocal, bool approximate, bool fast>
inline N root(F x) {
    const I zero = (bits_of(x) << 1) == U(0), infinite = bits_of(x) == U(EXPONENT);
    F y;
    if constexpr (approximate) y = detail::root_approximate<reciprocal>(x);
    else {
        const I usual = bits_of(x) - ONE_EXPONENT < U(EXPONENT - ONE_EXPONENT);
        if (all(usual)) return N::of_arithmetic(detail::root_by_steps<reciprocal, Known>(x));
        // Zeros are chosen out below.
        if (all(usual | (zero & I(fast ? 0 : -1)))) y = detail::root_by_steps<reciprocal, Known>(x);
        else y = detail::root_of_any<reciprocal>(x);
    }
    const I negative = is_negative(x) & I(fast ? 0 : -1);
    if constexpr (reciprocal)
        return sfpu::select(zero | infinite, as_float(EXPONENT - bits_of(x)), sfpu::select(negative, F(QUIET_NAN), y));
    else return sfpu::select(zero & I(fast ? 0 : -1), x, sfpu::select(negative, F(QUIET_NAN), y));
}

template <bool fast = false, bool approximate = APPROXIMATE>
inline N sqrt(F x) {
    return root<false, approximate, fast>(x);
}
template <bool fast = false, bool approximate = APPROXIMATE>
inline N reciprocal_sqrt(F x) {
    return root<true, approximate, fast>(x);
}

// Steps from a third estimate, for numbers that are not negative; `apart`: sums with short constants are not fused.
template <int steps = 2, bool apart = false>
inline N newton_root(F x) {
    const N number = x, half = number * -0.5f;
    N y = as_float(0x5F370000 - (bits_of(x) >> 1));
    for (int step = 0; step < steps; step++) {
        const Product product = N(y * y) * half;
        y = (apart ? N(product) + 1.5f : product + 1.5f) * y;
    }
    return select(((bits_of(x) & EXPONENT) != U(EXPONENT)) & ~is_zero(x), y * number, number);
}

}  // namespace tthal::exact
