// a * b + c as the vector unit computes it (numerics.md §6.3): the product is cut to 27 bits at a fixed place, the smaller
// of product and addend is shifted to the larger one's place, and what either loses is remembered in one bit, the lowest
// that stays. Both chips do that; they differ in what becomes of that bit, of zeros, denormals and NaN.
//
// Nearly always the result is the correctly rounded one, which the host's own fused instruction gives: whenever the
// product is below half of the addend, and whenever it needs no more than 24 bits. For the others the same sum is made of
// float32 parts. tests/emulator/sfpu/test_lanes.py compares all of it with tests/emulator/multiply_add_definition.py.
#pragma once

#include "tthal/vector/sfpu.h"

namespace tthal::exact {

using sfpu::as_float, sfpu::as_int, sfpu::bits_of, sfpu::flushed, sfpu::select;
using sfpu::F, sfpu::I, sfpu::U, sfpu::WIDTH;

#ifdef ARCH_BLACKHOLE
constexpr bool BLACKHOLE = true;
#else
constexpr bool BLACKHOLE = false;
#endif

constexpr uint32_t SIGN = 0x80000000, MAGNITUDE = 0x7FFFFFFF, EXPONENT = 0x7F800000, FRACTION = 0x007FFFFF;
constexpr uint32_t ONE_EXPONENT = 1u << 23, BIAS = 127u << 23;

inline F absolute(F x) { return as_float(bits_of(x) & MAGNITUDE); }
inline F with_sign_of(F x, F sign) { return as_float((bits_of(x) & MAGNITUDE) | (bits_of(sign) & SIGN)); }
// Of masks alone.
template <typename Mask>
inline bool all(Mask mask) {
    if constexpr (sizeof(Mask) == sizeof(sfpu::Quad)) return __builtin_wasm_bitmask_i32x4(mask) == 15;
    else return all(mask.lo & mask.hi);
}
inline bool any(I mask) { return !all(~mask); }
// Whether no lane reaches the limit: of all lanes the largest one is compared.
template <typename Lanes>
inline bool all_below(Lanes x, uint32_t limit) {
    if constexpr (sizeof(Lanes) == sizeof(sfpu::Quad)) return all(x < Lanes(limit));
    else return all_below(__builtin_elementwise_max(x.lo, x.hi), limit);
}

// Lanes without denormals: what arithmetic gives, and what it takes as factors and terms.
class N {
public:
    N() = default;
    N(F lanes) : lanes_(flushed(lanes)) {}
    N(float number) : lanes_(number) {}
    static N of_arithmetic(F lanes) {
        N result(0.0f);
        result.lanes_ = lanes;
        return result;
    }
    operator F() const { return lanes_; }

private:
    F lanes_;
};

inline N select(I mask, N yes, N no) { return N::of_arithmetic(sfpu::select(mask, F(yes), F(no))); }
// A change of the sign or a choice among lanes makes no denormals.
inline N operator-(N x) { return N::of_arithmetic(as_float(bits_of(F(x)) ^ SIGN)); }
inline N absolute(N x) { return N::of_arithmetic(absolute(F(x))); }

// The correctly rounded x * y + z.
#if TTHAL_FUSED
inline sfpu::Quad fused_quad(sfpu::Quad x, sfpu::Quad y, sfpu::Quad z) {
    return __builtin_wasm_relaxed_madd_f32x4(x, y, z);
}
inline sfpu::Quad fused_from_quad(sfpu::Quad z, sfpu::Quad x, sfpu::Quad y) {
    return __builtin_wasm_relaxed_nmadd_f32x4(x, y, z);
}
#else
// In float64 the product is exact; a sum that is not becomes odd in its last place, so that rounding it again is harmless.
using D = double __attribute__((ext_vector_type(2)));
using L = int64_t __attribute__((ext_vector_type(2)));
inline D odd_sum(D a, D b) {
    const D sum = a + b, part = sum - a, rest = (a - (sum - part)) + (b - part);
    const L bits = __builtin_bit_cast(L, sum), even = (bits & 1) - 1, inexact = (rest < D(0)) | (rest > D(0));
    const L inward = (rest < D(0)) ^ (sum < D(0));
    return __builtin_bit_cast(D, bits + (even & inexact & ((inward << 1) + 1)));
}
inline sfpu::Quad fused_quad(sfpu::Quad x, sfpu::Quad y, sfpu::Quad z) {
    const auto wide = [](sfpu::Quad v) {
        return __builtin_convertvector(v, double __attribute__((ext_vector_type(4))));
    };
    const auto a = wide(x) * wide(y), c = wide(z);
    const D low = odd_sum(a.lo, c.lo), high = odd_sum(a.hi, c.hi);
    return sfpu::Quad{static_cast<float>(low.x), static_cast<float>(low.y), static_cast<float>(high.x),
                      static_cast<float>(high.y)};
}
inline sfpu::Quad fused_from_quad(sfpu::Quad z, sfpu::Quad x, sfpu::Quad y) { return fused_quad(-x, y, z); }
#endif
inline F fused(F x, F y, F z) {
    return sfpu::by_quads([](sfpu::Quad a, sfpu::Quad b, sfpu::Quad c) { return fused_quad(a, b, c); }, x, y, z);
}
// z - x * y, rounded once.
inline F fused_from(F z, F x, F y) {
    return sfpu::by_quads([](sfpu::Quad c, sfpu::Quad a, sfpu::Quad b) { return fused_from_quad(c, a, b); }, z, x, y);
}

// Where a product below this needs no care: half of the addend, unless that is near the smallest numbers.
inline F easy_limit(F z) { return fused(absolute(z), F(0.49f), F(-0x1p-101f)); }

// All other cases, of lanes without denormals. Of no effect but its result, so that calls may be moved and left out.
[[gnu::noinline, gnu::const]] F multiply_add_any(F x, F y, F z);

inline N mad(N x, N y, N z) {
    const F product = F(x) * F(y);
    if (all(absolute(product) < easy_limit(z))) return N::of_arithmetic(fused(x, y, z));
    return N::of_arithmetic(multiply_add_any(x, y, z));
}

namespace detail {

// One lane by integers, for numbers near the limits of the exponent, zeros, infinities and NaN.
inline uint32_t multiply_add_lane(uint32_t x, uint32_t y, uint32_t z) {
    struct Part {
        int32_t exponent;
        uint32_t significand;
        bool infinite, nan;
        explicit Part(uint32_t bits) : exponent(bits >> 23 & 0xFF) {
            significand = exponent == 0 ? 0 : (bits & FRACTION) | ONE_EXPONENT;
            infinite = exponent == 255 && significand == ONE_EXPONENT;
            nan = exponent == 255 && !infinite;
        }
    };
    const Part a(x), b(y), c(z);
    const uint32_t sign = (x ^ y) & SIGN, other_sign = z & SIGN;
    const uint64_t exact = static_cast<uint64_t>(a.significand) * b.significand;
    uint32_t product = static_cast<uint32_t>(exact >> 20) | ((exact & 0xFFFFF) != 0), addend = c.significand << 3;
    int32_t exponent = a.exponent + b.exponent - 127;

    uint32_t nan = 0;
    const bool overflow = exponent >= 255, from_infinity = a.exponent == 255 || b.exponent == 255;
    if (from_infinity || overflow || c.exponent == 255) {
        const bool opposed = c.infinite && other_sign != sign && (from_infinity || (overflow && !BLACKHOLE));
        const bool invalid = a.nan || b.nan || (a.infinite && b.significand == 0) || (b.infinite && a.significand == 0);
        if (invalid || opposed) nan = sign | 0x7F800001;
        else if (c.nan) nan = other_sign | 0x7F800001;
        else return c.exponent == 255 ? z : sign | EXPONENT;
        if (BLACKHOLE) return 0x7FC00000;
        if (exponent > 255) exponent = 255;
    }
    if (product == 0 || exponent < 0) {
        if (nan == 0) return addend != 0 ? z : BLACKHOLE ? sign & other_sign : 0;
        product = 0, exponent = 0;
    }

    // Nothing is remembered of what is shifted out whole.
    const auto shifted = [](uint32_t value, int32_t places) -> uint32_t {
        if (places >= 32) return 0;
        const uint32_t rest = value >> places;
        return rest != 0 ? rest | (rest << places != value) : 0;
    };
    int32_t place = exponent > c.exponent ? exponent : c.exponent;
    product = shifted(product, place - exponent);
    addend = shifted(addend, place - c.exponent);
    const bool follows_product = product >= addend;
    const uint32_t result_sign = follows_product ? sign : other_sign;
    uint32_t sum = sign == other_sign ? product + addend : follows_product ? product - addend : addend - product;
    if (sum == 0) return nan ? nan : BLACKHOLE ? sign & other_sign : 0;

    int32_t places = 5 - __builtin_clz(sum);
    place += places;
    if (place >= 255) return nan ? nan : result_sign | EXPONENT;
    if (BLACKHOLE) {
        if (place <= 0) places++, place = 0;
        sum = places <= 0 ? sum << -places : sum >> places | ((sum & (places | 1)) != 0);
    } else {
        if (place < 0) return nan;
        // Of two bits that leave, the upper one is forgotten.
        sum = places <= 0 ? sum << -places : sum >> places | (sum & 1);
    }
    uint32_t result = (static_cast<uint32_t>(place) << 23) + (sum >> 3 & FRACTION);
    result += (sum & 7) + (result & 1) > 4;
    if (result >> 23 == 0) return BLACKHOLE ? result_sign : nan;
    return (nan ? nan : result_sign) | result;
}

inline F by_lane(F x, F y, F z) {
    const U a = bits_of(x), b = bits_of(y), c = bits_of(z);
    U result;
    for (uint32_t lane = 0; lane < WIDTH; lane++) result[lane] = multiply_add_lane(a[lane], b[lane], c[lane]);
    return as_float(result);
}

// A multiple of the unit (2^23 units are `scale`): x where it is one, else the odd one of its two neighbours. The sum with
// a number of 2^23 to 2^24 units has whole units; `offset` is one for x of either sign and 1.5 times that for small x.
struct Odd {
    F value;
    I nothing;  // the lanes whose neighbours are 0 and one unit
};
inline F to_odd_above(F x, F offset, U& below) {
    const F sum = x + offset, rest = x - (sum - offset);
    below = bits_of(sum) + bits_of(as_int(bits_of(rest)) >> 31);
    // A comparison of floats takes one instruction of the host's, of integers three.
    return as_float(below | (bits_of(rest != F(0.0f)) & 1));
}
inline Odd to_odd(F x, F offset) {
    U below;
    const F above = to_odd_above(x, offset, below);
    return {above - offset, below == bits_of(offset)};
}

}  // namespace detail

namespace detail {

// The place of a sum's highest bit, before it carries: of the product (24 and 24 bits, so from 1 to 4) or of the addend.
struct Places {
    I of_product, of_addend, larger;
    Places(F x, F y, F z)
        : of_product(as_int((bits_of(x) & EXPONENT) + (bits_of(y) & EXPONENT) - BIAS)),
          of_addend(as_int(bits_of(z) & EXPONENT)),
          larger(__builtin_elementwise_max(of_product, of_addend)) {}
    // Of the lowest bit that stays 27 bits.
    F scale() const { return as_float(bits_of(larger) - 3 * ONE_EXPONENT); }
};

// Of two bits that leave on Wormhole, the upper one is forgotten: a tie where there was a little more than one.
inline F forgetful(F result, F error, F scale, I carries_far) {
    const I mistaken =
        carries_far & (error == with_sign_of(scale * (14.0f * 0x1p-23f), -result)) & ((bits_of(result) & 1) == U(1));
    return as_float(bits_of(result) + bits_of(mistaken));
}

// The sum of near, cut and addend; near + cut is the product. `larger` is the place of the larger one.
inline F sum_of_parts(F near, F cut, F addend, F scale, I larger) {
    const F sum = near + addend, part = sum - near;
    const F low = ((near - (sum - part)) + (addend - part)) + cut;
    const F result = sum + low;
    if constexpr (BLACKHOLE) return result;
    const I carries_far = as_int(bits_of(result) & EXPONENT) >= larger + I(2 * ONE_EXPONENT);
    return any(carries_far) ? forgetful(result, low - (result - sum), scale, carries_far) : result;
}

}  // namespace detail

inline F multiply_add_any(F x, F y, F z) {
    const F near = x * y, rounded = fused(x, y, z), size = absolute(near), other = absolute(z);
    const I easy = size < easy_limit(z), nothing = (near == F(0.0f)) & (BLACKHOLE ? z != F(0.0f) : I(-1));
    const I tame = nothing | ((size > F(0x1p-70f)) & (size < F(0x1p120f)));
    if (!all(easy | (tame & (other < F(0x1p120f))))) return detail::by_lane(x, y, z);

    // Product = near + rest, cut to units of 2^-26 of the larger place; so is the addend where it is the smaller one.
    const detail::Places places(x, y, z);
    const F scale = places.scale(), cut = detail::to_odd(fused(x, y, -near), scale * 1.5f).value;
    const I far_below = places.of_product - places.of_addend > I(3 * ONE_EXPONENT);
    F addend = z;
    if (any(far_below)) {
        const detail::Odd shortened = detail::to_odd(other, scale);
        const F value = with_sign_of(sfpu::select(shortened.nothing, F(0.0f), shortened.value), z);
        addend = sfpu::select(far_below, value, addend);
    }
    const F sum = detail::sum_of_parts(near, cut, addend, scale, places.larger);
    // Nothing and -0 make +0 on Wormhole.
    return sfpu::select(easy | nothing, BLACKHOLE ? rounded : rounded + 0.0f, sum);
}

// The same with a constant addend that is known while compiling, not 0 and not extreme: most of the checks are.
[[gnu::always_inline]] inline N mad_with_constant(N x, N y, float c) {
    const float magnitude = __builtin_fabsf(c),
                place = as_float(static_cast<uint32_t>(__builtin_bit_cast(uint32_t, magnitude) & EXPONENT));
    const F near = F(x) * F(y), size = absolute(near);
    const I easy = size < F(0.49f * magnitude);
    const F rounded = fused(x, y, F(c));
    if (all(easy)) return N::of_arithmetic(rounded);
    // Of a constant in the smaller place three bits are kept, and zeros at its end are no loss.
    const int zeros = __builtin_ctz(__builtin_bit_cast(uint32_t, magnitude) | ONE_EXPONENT);
    const float limit = 16.0f * place * static_cast<float>(1 << zeros);
    if (!all(size < F(limit))) return N::of_arithmetic(multiply_add_any(x, y, F(c)));
    const detail::Places places(x, y, F(c));
    const F scale = places.scale(), cut = detail::to_odd(fused(x, y, -near), scale * 1.5f).value;
    return N::of_arithmetic(sfpu::select(easy, rounded, detail::sum_of_parts(near, cut, F(c), scale, places.larger)));
}
constexpr bool is_easy_constant(float c) { return __builtin_fabsf(c) > 0x1p-60f && __builtin_fabsf(c) < 0x1p60f; }

}  // namespace tthal::exact
