// Powers of e and 2 as the kernels of TT-Metal 0.81.1 compute them.
#pragma once

#include "tthal/vector/exact/known.h"
#include "tthal/vector/exact/operands.h"

namespace tthal::exact {

constexpr float LOG2_E = 1.4426950216293334961f;

// Where the series for the fraction of the exponent begins; exp_tile has it as a number of 16 bits.
constexpr float SERIES_START = 1.0017248f, SERIES_START_OF_TILE = 0x1.008p0f;

namespace detail {

// The significand moved to the left by the exponent: a number with 23 places behind the point. Of x from 0 to 255 that is
// 0 or no less than 2^-31, where shifts begin to wrap; sums with 127 are no less than 2^-20.
inline U fixed_point(F x) { return bits_of(cut_to_integer(x * 0x1p23f)); }

// 2^(z / 2^23 - 127); c0 for the series in z's lowest 23 bits.
inline F power_of_fixed_point(U z, U exponent_source, float c0) {
    // Below 2^23: every product is less than the next coefficient.
    const Known fraction = natural_to_float(z & FRACTION);
    const Known series = polynomial(fraction, c0, 7.839635491371155e-08f, 4.791750143340323e-15f);
    return as_float((bits_of(F(series)) & FRACTION) | (exponent_source & EXPONENT));
}

}  // namespace detail

// 2^(x - 127), for x from 0 to 255.
inline F power_of_two_biased(N x, float c0 = SERIES_START) {
    const U z = detail::fixed_point(x);
    return detail::power_of_fixed_point(z, z, c0);
}
template <bool clamped = true>
inline F exp_short(N x, float c0 = SERIES_START) {
    N power = x * LOG2_E + 127.0f;
    if constexpr (clamped) power = clamp(power, 0.0f, 255.0f);
    return power_of_two_biased(power, c0);
}

namespace detail {

// (e^f - 1) / f and e^f, for what is left of x above `whole` ln 2.
struct ExpParts {
    U whole;
    F y, r;
};
template <typename Number>
inline ExpParts exp_parts(Number x) {
    const U whole = to_integer16(Number(1.442695f * x));
    const Number j = to_float(whole);
    // This product is exact, the next one is not.
    const Number above = j * -6.93145752e-1f + x, f = F(N(j) * -1.42860677e-6f + N(above));
    const Number y =
        polynomial(f, 1.0f, 4.99999851e-1f, 1.66664720e-1f, 4.16695364e-2f, 8.37312452e-3f, 1.37805939e-3f);
    return {whole, y, Number(y * f + 1.0f)};
}
template <bool limited>
inline F exp_of_parts(ExpParts parts) {
    const F y = parts.y;
    const I e = biased_exponent(parts.r) + twos_complement(parts.whole);
    const F inside = with_exponent(parts.r, e);
    if constexpr (!limited) return inside;
    if (all((e >= I(1)) & (e < I(255)))) return inside;
    if constexpr (BLACKHOLE)
        return sfpu::select(e < I(255), sfpu::select(e < I(1), F(0.0f), inside), F(mul(N(y), INFINITE)));
    const N nothing = N(as_float(bits_of(y) - 1)) * 0.0f;
    return sfpu::select(e < I(1), F(nothing), sfpu::select(e < I(255), inside, F(nothing + INFINITE)));
}
template <bool limited>
[[gnu::noinline, gnu::const]] F exp_of_any(F x) {
    return exp_of_parts<limited>(exp_parts(N(x)));
}

}  // namespace detail

// e^x to float32; `limited`: also where it leaves the range of exponents.
template <bool limited = true>
inline F exp_long(N x) {
    if (!all(absolute(F(x)) < F(126.0f))) return detail::exp_of_any<limited>(x);
    return detail::exp_of_parts<limited>(detail::exp_parts(Known(F(x))));
}

// What other functions use, in the precision of DST; in a 16-bit one it is rounded.
template <bool wide = WIDE>
inline F exp_for(N x) {
    if constexpr (wide) return exp_long(x);
    else return to_bfloat16(exp_short(x));
}

// By squaring, from an estimate for the fraction alone.
inline N exp_squaring(N x) {
    I e = exponent(x);
    const N small = select(e >= I(0), N::of_arithmetic(with_exponent(x, I(126))), x);
    N value = small * (small * 0.8373f + 0.859375f) + 1.0f;
    I active = e >= I(0);
    for (int step = 0; step < 8 && any(active); step++, e = e - 1, active &= e >= I(0))
        value = select(active, square(value), value);
    return value;
}

// ---- exp_tile

// 256 / ln 2 x and the bias as an integer of 16 bits: sign, exponent and the upper 7 bits of the fraction.
template <bool clamped>
inline F exp_of_integer(F x, float scale) {
    const N factor = 256.0f * 1.4426950408889634f * scale;
    if constexpr (clamped) {
        const N limited = N(maximum(x, F(-88.5f / scale)));
        return as_float(rounded_magnitude<65535>(factor * limited + 32500.818359375f) << 15);
    }
    const U integer = to_integer16(factor * N(x) + 32500.818359375f);
    return as_float((integer << 15 & MAGNITUDE) | (integer & SIGN));
}

// Of exp_tile: in a 16-bit DST with another start of the series; Blackhole makes nothing of negative exponents.
template <bool clamped = true>
inline F exp_of_tile(F x) {
    if constexpr (WIDE) return exp_long(x);
    F power = N(x) * LOG2_E + 127.0f;
    if constexpr (BLACKHOLE) {
        power = minimum(power, F(255.0f));
        const U z = detail::fixed_point(maximum(power, F(0.0f)));
        return detail::power_of_fixed_point(z, z & bits_of(rank_of(power) > I(0)), SERIES_START_OF_TILE);
    }
    if constexpr (clamped) power = maximum(power, F(0.0f));
    return power_of_two_biased(N::of_arithmetic(minimum(power, F(255.0f))), SERIES_START_OF_TILE);
}

// exp_tile: `factor` scales the argument.
template <bool approximate, bool clamped>
inline F exp_scaled(F x, float factor) {
    if constexpr (approximate) return exp_of_integer<clamped>(x, factor);
    else return exp_of_tile<clamped>(factor == 1.0f ? x : F(mul(x, factor)));
}

// ---- powers of 2

inline F exp2(F x) {
    if constexpr (!WIDE) return power_of_two_biased(clamp(N(x) + 127.0f, 0.0f, 255.0f));
    const N number = x;
    const U whole = to_integer16(x);
    const N f = number - N::of_arithmetic(to_float(whole));
    N r = polynomial(f, 0x1.c6afd8p-5f, 0x1.3b4p-7f, 0x1.5f4p-10f, 0x1.41cp-13f);
    const N beyond = r * N(INFINITE);
    r = polynomial(f, 1.0f, 0x1.62e42ep-1f, 0x1.ebfba0p-3f, r);
    const I e = biased_exponent(r) + twos_complement(whole);
    const I outside = is_negative(abs(x)) | (e >= I(255));
    return sfpu::select(outside, F(beyond), sfpu::select(e < I(1), F(0.0f), with_exponent(r, e)));
}

// ---- e^x by taking out whole multiples of ln 2, as several functions do

struct Reduced {
    I k;
    N r;
    // `sum` is x / ln 2 above 1.5 * 2^23, which has no room for a fraction.
    Reduced(N x, N sum) : k(as_int(bits_of(F(sum)) - 0x4B400000)) {
        const N number = sum - 12582912.0f;
        r = number * -3.19461832987e-05f + (number * -0.6931152343750000f + x);
    }
    explicit Reduced(N x) : Reduced(x, x * 1.4426950408889634f + 12582912.0f) {}
    // A series in r, times 2^k; nothing where the exponent would be below 1.
    N raised(N series, int more = 0) const {
        const I e = biased_exponent(series) + k + more;
        return N::of_arithmetic(sfpu::select(e > I(0), with_exponent(series, e), F(0.0f)));
    }
};

// ---- e^x - 1

namespace detail {

// j is the nearest integer of x / ln 2, `power` half of 2^j as far as it has an exponent.
struct Expm1 {
    N j, f, power;
    explicit Expm1(N x, float ln2) {
        const N sum = 1.442695f * x + 12582912.0f;
        j = sum - 12582912.0f;
        f = j * -ln2 + x;
        power = N(as_float((bits_of(F(sum)) << 23) + bits_of(F(0.5f))));
    }
    // 127 and more powers of 2 away from 4: nothing, or infinity.
    N limited(N r) const {
        const N apart = j - 2.0f;
        const I far = to_integer8(abs(F(apart))) == U(127);
        if (!any(far)) return r;
        return select(far, select(is_negative(apart), N(-0.5f), apart * INFINITE), r);
    }
};

}  // namespace detail

template <bool wide = WIDE>
inline F expm1_for(N x) {
    detail::Expm1 parts(x, wide ? 0.693145752f : 0.6931471805599453f);
    const N j = parts.j, power = parts.power;
    N f = parts.f;
    if constexpr (!wide) {
        const N s = square(f), r = polynomial(f, 0.5f, 1.666259766e-01f, 4.177856445e-02f, 8.361816406e-03f) * s + f;
        const N scaled = parts.limited(power * r + (power - 0.5f));
        return select(is_zero(j), r, scaled * 2.0f);
    }
    f = j * -1.42860677e-6f + f;
    const N s = square(f), c0 = as_float(bits_of(F(0.5f)) - 1);
    N r = polynomial(f, c0, 1.666667163e-1f, 4.166680202e-2f, 8.333439939e-3f, 1.393107930e-3f, 1.974105835e-04f);
    const I one = is_zero(j - 1.0f);
    r = r * s + select(one, f + 0.5f, f);
    const N y = power - 0.5f, lost = (power - y) - 0.5f;
    const N scaled = parts.limited((r * power + lost) + y);
    return select(is_zero(j), r, select(one, r, scaled) * 2.0f);
}
inline F expm1(F x) { return expm1_for<WIDE>(x); }

// For x at or above -87, in units; smaller x count as -87. Kernels of float32 data define INP_FLOAT32.
inline N expm1_reduced(F argument) {
    const N x = N(maximum(argument, F(-87.0f)));
    const Reduced reduced(x);
    const N r = reduced.r;
#ifdef INP_FLOAT32
    const N h = polynomial(r, 1.0f, 5.0000000000e-01f, 1.6666504741e-01f, 4.1666239500e-02f, 8.3691505715e-03f,
                           1.3948583510e-03f);
#else
    const N h = polynomial(r, 1.0f, 4.9999371171e-01f, 1.6666433215e-01f, 4.1875664145e-02f, 8.3751315251e-03f);
#endif
    const N power = with_exponent(F(1.0f), reduced.k + 127);
    return (power - 1.0f) + power * N(r * h);
}

}  // namespace tthal::exact
