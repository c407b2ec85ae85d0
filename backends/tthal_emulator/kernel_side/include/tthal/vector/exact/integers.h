// Integers of 32 bits as the kernels of TT-Metal 0.81.1 compute them: quotients from float estimates that are corrected
// by what remains, common divisors by shifts and differences.
//
// Divisors of 0 and what exceeds a kernel's range (lcm beyond 15 bits) give what its steps give.
#pragma once

#include "tthal/vector/exact/conversions.h"
#include "tthal/vector/exact/reciprocals.h"

namespace tthal::exact {

// What Wormhole's kernels read where they ask for signs and magnitudes: -2^31 is -0 then, and counts as 0.
inline I read_with_sign(I x) {
    if constexpr (BLACKHOLE) return x;
    else return sfpu::select(x == I(INT32_MIN), I(0), x);
}

namespace detail {

inline N whole(U x) { return N::of_arithmetic(to_float(x)); }
// Magnitudes up to 2^31, which has no counterpart with a sign.
inline N whole_magnitude(U x) { return N::of_arithmetic(sfpu::select(as_int(x) < I(0), F(0x1p31f), to_float(x))); }

// The lower and the upper half of a product of 46 bits (SFPMUL24).
inline U product_low(U a, U b) { return (a * b) & FRACTION; }
inline U product_high(U a, U b) {
    const auto high = [](uint64_t x, uint64_t y) {
        return static_cast<uint32_t>((x & FRACTION) * (y & FRACTION) >> 23);
    };
    U result;
    for (uint32_t lane = 0; lane < WIDTH; lane++) result[lane] = high(a[lane], b[lane]);
    return result;
}

// 1 / size, for quotients (three corrections) and for remainders (two).
template <bool of_quotient>
inline N integer_reciprocal(U size) {
    const N divisor = whole_magnitude(size);
    if constexpr (BLACKHOLE) {
        const N estimate = N::of_arithmetic(estimated_reciprocal(divisor));
        N error = -(estimate * divisor) + 1.0f;
        if (of_quotient) error = error * error + error;
        return error * estimate + estimate;
    }
    const N negative = N::of_arithmetic(as_float((bits_of(F(divisor)) & FRACTION) | bits_of(F(-1.0f))));
    N inverse = N(0.470588266849517822265625f) * negative + 1.41176474094390869140625f;
    inverse = (inverse * negative + 1.0f) * inverse + inverse;
    N error = inverse * negative + 1.0f;
    if (of_quotient) error = error * error + error;
    inverse = error * inverse + inverse;
    return inverse * N(as_float((254u << 23) - (bits_of(F(divisor)) & ~FRACTION)));
}

// What the quotients and remainders of magnitudes begin with: the upper bits of the quotient.
struct Division {
    I quotient, rest;
};

template <bool of_quotient>
inline Division divide(U a, U b, bool always_turned = false) {
    constexpr uint32_t PLACES = BLACKHOLE ? 10 : 11;
    const N inverse = integer_reciprocal<of_quotient>(b);
    const U upper = bits_of(fraction(whole_magnitude(a) * inverse + (BLACKHOLE ? 0x1p33f : 0x1p34f)));
    const U covered = (BLACKHOLE ? product_low(upper, b) : upper * b) << PLACES;
    I rest = as_int(a - covered);

    // What remains may be negative; a second quotient, of 16 bits, sees to it.
    const U remaining = bits_of(integer_magnitude(rest));
    N part;
    if constexpr (of_quotient) part = N(scaled_by(to_float(remaining >> 1), 1));
    else part = whole_magnitude(remaining);
    const U correction = to_uint16(N(part * inverse));
    I product;
    if constexpr (BLACKHOLE)
        product = as_int(product_low(correction, b) +
                         ((product_high(correction, b) + product_low(correction, b >> 23)) << 23));
    else product = as_int(correction * b);
    const I turned = (rest < I(0)) & (always_turned ? I(-1) : (of_quotient ? upper << PLACES : upper) != U(0));
    I quotient = as_int(upper << PLACES) + sfpu::select(turned, 0 - as_int(correction), as_int(correction));
    rest -= sfpu::select(turned, 0 - product, product);

    const I below = rest < I(0), reduced = rest - as_int(b), above = ~below & (reduced >= I(0));
    quotient += below - above;
    rest = sfpu::select(below, rest + as_int(b), sfpu::select(above, reduced, rest));
    return {quotient, rest};
}

}  // namespace detail

// ---- quotients

template <bool down>
inline I integer_quotient(I a, I b) {
    const auto [quotient, rest] = detail::divide<true>(bits_of(integer_magnitude(a)), bits_of(integer_magnitude(b)));
    const I opposed = (a ^ b) < I(0);
    const I inexact = down ? opposed & (rest != I(0)) : I(0);
    return sfpu::select(opposed, 0 - quotient, quotient) + inexact;
}

// As float32, of signs and magnitudes.
inline F float_quotient(I a, I b) {
    const U signed_a = sign_magnitude(read_with_sign(a)), signed_b = sign_magnitude(read_with_sign(b));
    const N x = N::of_arithmetic(to_float(signed_a)), y = N::of_arithmetic(to_float(signed_b)), r = inverse<2>(F(y));
    const N estimate = x * r;
    const N better = (x - estimate * y) * r + estimate;
    const N result = select(signed_b == U(0), estimate, better);
    return sfpu::select((signed_a == signed_b) & (signed_a != U(0)), F(1.0f), F(result));
}

// ---- remainders

inline I integer_fmod(I a, I b) {
    const I rest = detail::divide<false>(bits_of(integer_magnitude(a)), bits_of(integer_magnitude(b))).rest;
    return sfpu::select(a < I(0), 0 - rest, rest);
}
inline I integer_remainder(I a, I b) {
    const I rest = integer_fmod(a, b);
    return rest + (b & (rest != I(0)) & ((a ^ b) < I(0)));
}
// Of the dividend without its lowest bit, which comes back afterwards.
inline I unsigned_remainder(I a, I b) {
    const U half = bits_of(a) >> 1;
    const I rest = detail::divide<false>(half, bits_of(integer_magnitude(b)), true).rest;
    const I numerator = sfpu::select(b >= I(0), rest + rest + (a & 1), a);
    const I result = sfpu::select(bits_of(numerator) >= bits_of(b), numerator - b, numerator);
    return sfpu::select((b < I(0)) & (numerator >= I(0)), numerator, result);
}

// ---- common divisors and multiples

namespace detail {

// After `steps` differences; two numbers of n bits need n - 1.
inline U common_divisor(U a, U b, int steps) {
    const U both = a | b, lowest = both & (0 - both), zeros = leading_zeros(lowest);
    const I even = (b << (zeros & 31)) == U(0);
    const U first = sfpu::select(even, b, a), second = sfpu::select(even, a, b);
    U size = bits_of(integer_magnitude(as_int(second)));
    I difference = 0 - integer_magnitude(as_int(first));
    for (int step = 0; step < steps; step++) {
        const U left = bits_of(integer_magnitude(difference));
        const I running = difference != I(0);
        if (!any(running)) break;
        const I places = as_int(leading_zeros(left & bits_of(difference)) - zeros);
        const F odd = as_float(shifted(left, places)), other = as_float(size);
        const U smaller = bits_of(minimum(odd, other)), larger = bits_of(maximum(odd, other));
        size = sfpu::select(running, smaller, size);
        difference = sfpu::select(running, as_int(smaller - larger), difference);
    }
    return size;
}

// 1 / x, from a line, by two Newton steps.
inline N reciprocal_of_divisor(U divisor) {
    const F number = to_float(divisor);
    const N negative = N::of_arithmetic(as_float((bits_of(number) & FRACTION) | SIGN | 126u << 23));
    N y = negative * (32.0f / 17.0f) + 48.0f / 17.0f;
    for (int step = 0; step < 2; step++) y = N(y * negative + 1.0f) * y + y;
    const I places = exponent(y) - (exponent(number) - 126);
    return N(with_exponent(y, places));
}

// Of numbers of 16 bits; what is wider is cut or limited on the way.
inline U product_of_halves(U a, U b) {
    if constexpr (BLACKHOLE) return (product_high(a, b) << 23) + product_low(a, b);
    const N a0 = whole(a & 0xFF), a1 = whole(a >> 8), b0 = whole(b & 0xFF), b1 = whole(b >> 8);
    const auto rounded = [](N product) { return to_uint16(product); };
    return rounded(a0 * b0) + (rounded(a0 * b1) << 8) + (rounded(a1 * b0) << 8) + (rounded(a1 * b1) << 16);
}

}  // namespace detail

inline I common_divisor(I a, I b) { return as_int(detail::common_divisor(bits_of(a), bits_of(b), 30)); }
inline I common_multiple(I a, I b) {
    const N inverse = detail::reciprocal_of_divisor(detail::common_divisor(bits_of(a), bits_of(b), 14));
    const N part = N::of_arithmetic(to_float(bits_of(integer_magnitude(a)))) * inverse;
    return as_int(detail::product_of_halves(to_uint16(part), bits_of(integer_magnitude(b))));
}

// ---- shifts

// With the sign of signed formats; other counts than 0 to 31 leave nothing.
template <bool has_sign>
inline I shifted_right(I x, I count) {
    const I kept = (count >= I(0)) & (count < I(32));
    const I moved = has_sign ? x >> (count & 31) : as_int(bits_of(x) >> bits_of(count & 31));
    return moved & kept;
}

}  // namespace tthal::exact
