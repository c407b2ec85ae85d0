// Parts of floats, integers in lanes, conversions and tables (SFPEXEXP .. SFPLUTFP32).
#pragma once

#include "tthal/vector/exact/arithmetic.h"

namespace tthal::exact {

// ---- classes of numbers

inline I is_infinite(F x) { return (bits_of(x) & MAGNITUDE) == U(EXPONENT); }
inline I is_nan(F x) { return (bits_of(x) & MAGNITUDE) > U(EXPONENT); }
inline I is_finite(F x) { return (bits_of(x) & MAGNITUDE) < U(EXPONENT); }

// ---- parts of a float

inline I biased_exponent(F x) { return as_int(bits_of(x) >> 23 & 0xFF); }
inline I exponent(F x) { return biased_exponent(x) - 127; }
inline I fraction(F x) { return as_int(bits_of(x) & FRACTION); }
inline I significand(F x) { return as_int((bits_of(x) & FRACTION) | ONE_EXPONENT); }

inline F with_exponent(F x, I biased) { return as_float((bits_of(x) & ~EXPONENT) | (bits_of(biased) & 0xFF) << 23); }
inline F with_exponent_of(F x, F other) { return as_float((bits_of(x) & ~EXPONENT) | (bits_of(other) & EXPONENT)); }
inline F with_fraction(F x, U bits) { return as_float((bits_of(x) & ~FRACTION) | (bits & FRACTION)); }
// x * 2^step by its exponent alone, which wraps; infinities and NaN stay (SFPDIVP2).
inline F scaled_by(F x, int step) {
    const U moved = (bits_of(x) & ~EXPONENT) | ((bits_of(x) + (static_cast<uint32_t>(step) << 23)) & EXPONENT);
    return as_float(sfpu::select((bits_of(x) & EXPONENT) == U(EXPONENT), bits_of(x), moved));
}

// ---- integers

// To the left by positive counts, to the right by negative ones; counts are taken modulo 32.
inline U shifted(U x, I places) {
    return sfpu::select(places < I(0), x >> (bits_of(-places) & 31), x << (bits_of(places) & 31));
}
inline U leading_zeros(U x) {
    U result;
    for (uint32_t lane = 0; lane < WIDTH; lane++) result[lane] = x[lane] != 0 ? __builtin_clz(x[lane]) : 32;
    return result;
}
// The sign of the difference, which wraps.
inline I less_wrapped(I a, I b) { return as_int(bits_of(a) - bits_of(b)) < I(0); }
inline I integer_magnitude(I x) { return sfpu::select(x < I(0), 0 - x, x); }
// Between two's complement and sign with magnitude; both mappings are the same, but for what has no counterpart.
inline U sign_magnitude(I x) { return sfpu::select(x < I(0), SIGN | bits_of(0 - x), bits_of(x)); }
inline I twos_complement(U x) { return sfpu::select(as_int(x) < I(0), 0 - as_int(x & MAGNITUDE), as_int(x)); }

// ---- conversions

// Of a sign and a magnitude of 31 bits, to nearest even; -0 stays (SFPCAST).
inline F to_float(U x) {
    const F magnitude = __builtin_convertvector(as_int(x & MAGNITUDE), F);
    return as_float(bits_of(magnitude) | (x & SIGN));
}
inline F to_float(I x) { return to_float(sign_magnitude(x)); }

// Cut to an integer, of numbers that have one.
inline I cut_to_integer(F x) {
#if TTHAL_FUSED
    const auto cut = [](sfpu::Quad four) {
        return __builtin_bit_cast(sfpu::Quad, __builtin_wasm_relaxed_trunc_s_i32x4_f32x4(four));
    };
    return as_int(bits_of(sfpu::by_quads(cut, x)));
#else
    return __builtin_convertvector(x, I);
#endif
}
// Of integers that are not negative.
inline F natural_to_float(U x) { return __builtin_convertvector(as_int(x), F); }

// To nearest, halves away from zero, at most `largest`; sign and magnitude (SFP_STOCH_RND).
template <uint32_t largest>
inline U rounded_magnitude(F x) {
    const F size = absolute(x);
    const I small = size < F(65536.0f);
    const F limited = as_float(bits_of(size) & bits_of(small));
    const I whole = cut_to_integer(limited);
    const I nearest = whole - (limited - __builtin_convertvector(whole, F) >= F(0.5f));
    return bits_of(sfpu::select(small & (nearest < I(largest)), nearest, I(largest)));
}
template <uint32_t largest>
inline U to_sign_magnitude(F x) {
    const U magnitude = rounded_magnitude<largest>(x);
    return magnitude | (bits_of(x) & SIGN & bits_of(magnitude != U(0)));
}
inline U to_integer16(F x) { return to_sign_magnitude<32767>(x); }
inline U to_integer8(F x) { return to_sign_magnitude<127>(x); }

// NaN becomes infinity, denormals and -0 become +0.
inline N to_bfloat16(F x) {
    return N::of_arithmetic(as_float(sfpu::round_half_away_to_bfloat16(bits_of(x)) & 0xFFFF0000));
}

}  // namespace tthal::exact
