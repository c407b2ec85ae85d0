// The exact FPU in float32 arithmetic, for numbers of moderate exponents (numerics.md §3.1, §3.2). The same in kernels and
// beside them.
#pragma once

#include "tthal/border/numbers.h"
#include "tthal/exact/vectors.h"

namespace tthal {

enum class DstKind { FLOAT32, BFLOAT16, FLOAT16 };

// Exponents of products, biased as float32's, between which single precision carries all of an exact product: scaled
// sums, units and the magic constants are normal numbers.
constexpr uint32_t LEAST_OPERAND = 24, MOST_OPERAND = 254, LEAST_PRODUCT = 42, MOST_PRODUCT = 235;
constexpr uint32_t LEAST_SUM = 30, MOST_SUM = 240;
constexpr uint32_t BIAS = 127, NO_DISTANCE = 255;

// Fidelity phases add this to what exponents of products lose: SrcA's low slice has weight 2^-5, SrcB's 2^-7.
constexpr uint32_t LOW_A = 5, LOW_B = 7;
constexpr uint32_t shift_of_phase(uint32_t phase) { return (phase & 1 ? LOW_A : 0) + (phase & 2 ? LOW_B : 0); }

constexpr uint32_t phases_of(uint8_t fidelity) {
    return fidelity == LOFI ? 1 : fidelity == HIFI2 ? 2 : fidelity == HIFI3 ? 3 : 4;
}

// A product of slices has at most 12 bits; with this factor no rounding of it to a unit meets a tie, and none that is
// no tie changes: ties go away from zero.
constexpr float TIE_BREAKER = 1 + 0x1p-13f;

constexpr float power_of_two(uint32_t exponent) { return static_cast<float>(1u << exponent); }

constexpr uint32_t MAGIC_EXPONENT = 13;  // of the constant above that of the group
constexpr uint32_t HALF = 0x00400000;    // its fraction, of 1.5

// Two 23-bit fields of exponents go through integer arithmetic as they stand in floats.
constexpr uint32_t exponent_bits(uint32_t exponent) { return exponent << 23; }

// One matrix instruction's addition to DST: accumulate() of tensix/fpu.py, in one phase of a fidelity. DST and both sums
// are scaled to units of the largest of the three exponents, rounded to whole units each in its own way, added exactly and
// rounded to what DST keeps.
template <DstKind kind, bool quirk>
struct Accumulator {
    static constexpr bool WIDE = kind == DstKind::FLOAT32;
    // A 16-bit DST adds in units of 2^13 of a 32-bit one's.
    static constexpr uint32_t COARSE = WIDE ? 0 : 13;
    static constexpr uint32_t UNIT_SCALE = exponent_bits(277 - COARSE) | HALF;

    uint32_t shift;
    explicit Accumulator(uint32_t phase) : shift(shift_of_phase(phase)) {}

    // The largest exponent, raised by the phase's shift, as a float's field; `groups` holds the two groups' maximum.
    I shared_exponent(F dst, I groups) const {
        const I of_dst = (as_int(dst) & EXPONENT) + static_cast<int32_t>(exponent_bits(shift) | HALF);
        return __builtin_elementwise_max(groups, of_dst);
    }
    F dst_scale(I shared) const { return as_float(static_cast<int32_t>(UNIT_SCALE + exponent_bits(shift)) - shared); }
    F sum_scale(I shared) const { return as_float(static_cast<int32_t>(UNIT_SCALE) - shared); }
    I unit(I shared) const { return shared - static_cast<int32_t>(exponent_bits(23 + shift - COARSE) | HALF); }

    // DST in units before it is cut to a whole number: halves go away from zero.
    F scaled_dst(F dst, I shared) const {
        constexpr uint32_t ALMOST_HALF = WIDE ? 0x3EFFFFFF : 0x3F000000;  // a whole number of 24 bits shall stay one
        const I half = (as_int(dst) & static_cast<int32_t>(SIGN)) | ALMOST_HALF;
        return multiply_add(dst, dst_scale(shared), as_float(half));
    }

    // A 16-bit DST rounds sums twice, to fine and then to coarse units, halves up: that is one rounding of a little more.
    F scaled_sum(F sum, F scale) const {
        constexpr float ROUNDING = WIDE ? 0.5f : 0.5f + 0x1p-14f;
        return multiply_add(sum, scale, fill(ROUNDING));
    }

    F add(F dst, F sum0, F sum1, I groups) const {
        const I shared = shared_exponent(dst, groups);
        const F scale = sum_scale(shared);
        if constexpr (WIDE) {
            const I total = truncate_to_int(scaled_dst(dst, shared)) + floor_to_int(scaled_sum(sum0, scale)) +
                            floor_to_int(scaled_sum(sum1, scale));
            return round_to_float32(total, shared);
        } else {
            const F sums = floor(scaled_sum(sum0, scale)) + floor(scaled_sum(sum1, scale));
            return round_to_16_bits(truncate(scaled_dst(dst, shared)) + sums, shared);
        }
    }

    // The same of one sum.
    F add(F dst, F sum, I group) const {
        const I shared = shared_exponent(dst, group);
        const F whole_dst = scaled_dst(dst, shared), whole_sum = scaled_sum(sum, sum_scale(shared));
        if constexpr (WIDE) return round_to_float32(truncate_to_int(whole_dst) + floor_to_int(whole_sum), shared);
        else return round_to_16_bits(truncate(whole_dst) + floor(whole_sum), shared);
    }

    // The same when both sums are zero: their exponents still count.
    F add_nothing(F dst, I groups) const {
        const I shared = shared_exponent(dst, groups);
        const F whole = truncate(scaled_dst(dst, shared)) + 0.0f;  // -0 becomes +0
        if constexpr (!WIDE) return round_to_16_bits(whole, shared);
        else return whole * as_float(with_quirk(unit(shared), reinterpret_cast<I>(whole == -1.0f)));
    }

    // Wormhole's normaliser takes a total of exactly -1 for one of 2^27 (numerics.md §3.2).
    static I with_quirk(I unit, I is_minus_one) {
        if constexpr (quirk) return unit + (is_minus_one & static_cast<int32_t>(exponent_bits(27)));
        else return unit;
    }

    // Totals are below 2^29. In two parts they are exact; a trace of themselves makes ties go away from zero.
    F round_to_float32(I total, I shared) const {
        const F high = __builtin_convertvector(total & ~0xFF, F), low = __builtin_convertvector(total & 0xFF, F);
        const F rounded = high + multiply_add(high, fill(0x1p-30f), low);
        return rounded * as_float(with_quirk(unit(shared), total == -1));
    }

    F round_to_16_bits(F total, I shared) const {
        constexpr int32_t LOST = kind == DstKind::BFLOAT16 ? 0x10000 : 0x2000;
        const I bits = (as_int(total * as_float(unit(shared))) + LOST / 2) & -LOST;
        if constexpr (kind == DstKind::BFLOAT16) return as_float(bits);
        const I magnitude = __builtin_elementwise_min(bits & MAGNITUDE, I{} + FLOAT16_LARGEST);
        const I normal = magnitude >= static_cast<int32_t>(exponent_bits(FLOAT16_REBIAS + 1));
        return as_float(((bits & static_cast<int32_t>(SIGN)) | magnitude) & normal);
    }

    // What a group's products come to; below float16's exponents the hardware drops them.
    F group_sum(F accumulated, F constant) const {
        const F sum = accumulated - constant;
        if constexpr (kind != DstKind::FLOAT16) return sum;
        const int32_t dead = exponent_bits(FLOAT16_REBIAS + MAGIC_EXPONENT + shift) | HALF;
        return as_float(as_int(sum) & (as_int(constant) > dead));
    }
};

}  // namespace tthal
