// The exact FPU in integer arithmetic, step by step as tensix/fpu.py defines it: for exponents so far apart, so large or
// so small that float32 cannot carry products, and for DST patterns that are no ordinary numbers. The same in kernels and
// beside them.
#pragma once

#include "tthal/exact/accumulate.h"

namespace tthal {

// How results are added to DST.
struct AccumulateMode {
    bool is_32_bit, five_bit_exponent, minus_one_quirk;
    constexpr bool dst_is_float16() const { return five_bit_exponent && !is_32_bit; }
};

constexpr int32_t SUM_SHIFT = 13;

struct Sum {
    I exponent, value;
};

inline I select(I mask, I yes, I no) { return (mask & yes) | (~mask & no); }
inline I below(I a, I b) { return reinterpret_cast<I>(a < b); }
inline I largest(I a, I b) { return __builtin_elementwise_max(a, b); }

// Halves toward plus infinity; distances may be any that are not negative.
inline I shift_half_up(I value, I distance) {
    return (((value << 1) >> __builtin_elementwise_min(distance, fill(31))) + 1) >> 1;
}

inline I narrow(I value, bool is_32_bit) {
    return is_32_bit ? value : shift_half_up(value, fill(SUM_SHIFT)) << SUM_SHIFT;
}

// |total| as a float pattern, rounded to what DST keeps: a float holds its two parts exactly.
inline U leading_bits(I magnitude, const AccumulateMode& mode) {
    if (!mode.is_32_bit) {
        const uint32_t lost = mode.five_bit_exponent ? 0x2000 : 0x10000;
        const F value = __builtin_convertvector(magnitude >> SUM_SHIFT, F);
        return (reinterpret_cast<U>(value) + lost / 2) & -lost;
    }
    const F high = __builtin_convertvector(magnitude & ~0xFF, F), low = __builtin_convertvector(magnitude & 0xFF, F);
    return reinterpret_cast<U>(high + (high * 0x1p-30f + low));
}

inline U normalise(I total, I shared, const AccumulateMode& mode) {
    constexpr uint32_t UNDERFLOW = 0xF0000000, ONE = 0x00800000;
    const I minus = total >> 31, magnitude = (total ^ minus) - minus;
    const uint32_t bias = mode.is_32_bit ? BIAS + 23 : BIAS + 23 - SUM_SHIFT;
    U bits = leading_bits(magnitude, mode) + (reinterpret_cast<U>(shared - static_cast<int32_t>(bias)) << 23);
    if (mode.minus_one_quirk && mode.is_32_bit) {
        const U is_minus_one = reinterpret_cast<U>(total == -1);
        bits = (is_minus_one & reinterpret_cast<U>(shared + 4) << 23) | (~is_minus_one & bits);
    }
    const U normal = reinterpret_cast<U>(bits - ONE < UNDERFLOW - ONE) & reinterpret_cast<U>(total != 0);
    if (mode.dst_is_float16()) bits = __builtin_elementwise_min(bits + (FLOAT16_REBIAS << 23), U{} + FLOAT16_LARGEST);
    else bits = __builtin_elementwise_min(bits, U{} + EXPONENT);
    return (bits | (reinterpret_cast<U>(total) & SIGN)) & normal;
}

inline U accumulate(const Sum& low, const Sum& high, U dst, const AccumulateMode& mode) {
    const int32_t rebias = mode.dst_is_float16() ? FLOAT16_REBIAS : 0;
    const I of_dst = largest(reinterpret_cast<I>(dst >> 23 & 0xFF) - rebias, fill(0));
    const I magnitude = reinterpret_cast<I>((dst & FRACTION) | 0x00800000) & below(fill(0), of_dst);
    const I shared = largest(of_dst, largest(low.exponent, high.exponent));
    const I minus = reinterpret_cast<I>(dst) >> 31;
    I total = narrow(shift_half_up(magnitude, shared - of_dst), mode.is_32_bit);
    total = (total ^ minus) - minus;
    total += narrow(shift_half_up(low.value, shared - low.exponent), mode.is_32_bit);
    total += narrow(shift_half_up(high.value, shared - high.exponent), mode.is_32_bit);
    return normalise(total, shared, mode);
}

// ---- elementwise instructions, on float32 patterns without denormals; exponents of 8 bits

inline I exponent_of(I bits) { return bits >> 23 & 0xFF; }
inline I significand_of(I bits) {
    return ((bits >> 13 & 0x3FF) | 0x400) & reinterpret_cast<I>((bits & MAGNITUDE) != 0);
}
inline I with_sign_of(I bits, I magnitude) { return (magnitude ^ bits >> 31) - (bits >> 31); }

// ELWADD (numerics.md §3.5).
inline Sum aligned_sum(I a, I b) {
    const I swap = below(a & MAGNITUDE, b & MAGNITUDE), larger = select(swap, b, a), smaller = select(swap, a, b);
    const I exponent = exponent_of(larger);
    const I aligned = shift_half_up(significand_of(smaller), exponent - exponent_of(smaller));
    return {exponent, (with_sign_of(larger, significand_of(larger)) + with_sign_of(smaller, aligned)) << SUM_SHIFT};
}

// One fidelity phase of ELWMUL (numerics.md §3.4).
inline Sum product(I a, I b, uint32_t phase) {
    const I whole_a = significand_of(a), whole_b = significand_of(b);
    const I part_a = phase & 1 ? whole_a >> 1 & 0x1F : whole_a >> 6,
            part_b = phase & 2 ? (whole_b & 0xF) << 3 : whole_b >> 4;
    const I exponent = exponent_of(a) + exponent_of(b) - static_cast<int32_t>(BIAS + shift_of_phase(phase));
    const I live = below(fill(0), exponent) & reinterpret_cast<I>(a != 0) & reinterpret_cast<I>(b != 0);
    return {exponent & live, with_sign_of(a ^ b, (part_a * part_b) << SUM_SHIFT) & live};
}

}  // namespace tthal
