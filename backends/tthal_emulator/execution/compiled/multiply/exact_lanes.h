// The exact matrix product of two tiles in float32 arithmetic, for operands of moderate exponents (numerics.md §3).
//
// Where products go: a product of slices is a float32, and a group's 8 of them are added by fused multiply-adds onto
// 1.5 * 2^23 units of the group, a unit being what the group's products are rounded to. Each addition then rounds its
// product to the unit and is exact otherwise; none meets a tie, see TIE_BREAKER. Subtracting the constant leaves the sum.
// The constant depends on the group's largest exponent: the smallest sum of distances below the operands' largest
// exponents, a minimum of sums of bytes, the same for all phases.
//
// Where sums go: DST and both groups' sums are scaled to units of the largest of the three exponents, rounded to whole
// units each in its own way, added exactly and rounded to DST.
#pragma once

#include "exact_operands.h"
#include "vectors.h"

namespace tthal {

enum class DstKind { FLOAT32, BFLOAT16, FLOAT16 };

constexpr uint32_t GROUP = 8, GROUPS = SIDE / GROUP;
constexpr uint32_t MAGIC_EXPONENT = 13;  // of the constant above that of the group
constexpr uint32_t HALF = 0x00400000;    // its fraction, of 1.5

// Two 23-bit fields of exponents go through integer arithmetic as they stand in floats.
constexpr uint32_t exponent_bits(uint32_t exponent) { return exponent << 23; }

// One matrix instruction's addition to DST: accumulate() of tensix/fpu.py, in one phase of a fidelity.
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
    I unit(I shared) const {
        return shared - static_cast<int32_t>(exponent_bits(23 + shift - COARSE) | HALF);
    }

    // DST in units before it is cut to a whole number: halves go away from zero.
    F scaled_dst(F dst, I shared) const {
        constexpr uint32_t ALMOST_HALF = WIDE ? 0x3EFFFFFF : 0x3F000000;  // a whole number of 24 bits shall stay one
        const I half = (as_int(dst) & static_cast<int32_t>(SIGN)) | ALMOST_HALF;
        return multiply_add(dst, dst_scale(shared), as_float(half));
    }

    // A 16-bit DST rounds sums twice, to fine and then to coarse units, halves up: that is one rounding of a little more.
    F scaled_sum(F sum, F scale) const {
        constexpr float ROUNDING = WIDE ? 0.5f : 0.5f + 0x1p-14f;
        return multiply_add(sum, scale, splat(ROUNDING));
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
        const F rounded = high + multiply_add(high, splat(0x1p-30f), low);
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

// As many rows of DST at a time as make 8 vectors: enough sums at once to keep the multipliers busy.
constexpr uint32_t VECTORS = SIDE / WIDTH, ROWS = 8 / VECTORS;

// All of a fidelity for some rows of DST.
template <DstKind kind, bool quirk>
struct RowBlock {
    using Accumulate = Accumulator<kind, quirk>;
    typedef uint8_t Distances __attribute__((vector_size(SIDE), aligned(1), may_alias));
    typedef F Row[VECTORS];

    const ExactOperand &left, &right;
    const uint32_t first;
    Row constants[GROUPS][ROWS];
    I groups[GROUPS / 2][ROWS][VECTORS];

    RowBlock(const ExactOperand& left, const ExactOperand& right, uint32_t first, uint8_t farthest)
        : left(left), right(right), first(first) {
        for (uint32_t group = 0; group < GROUPS; group++)
            for (uint32_t row = 0; row < ROWS; row++) set_constants(group, row, farthest);
        for (uint32_t half = 0; half < GROUPS / 2; half++)
            for (uint32_t row = 0; row < ROWS; row++)
                for (uint32_t v = 0; v < VECTORS; v++)
                    groups[half][row][v] =
                        __builtin_elementwise_max(as_int(constants[2 * half][row][v]), as_int(constants[2 * half + 1][row][v])) -
                        static_cast<int32_t>(exponent_bits(MAGIC_EXPONENT));
    }

    void set_constants(uint32_t group, uint32_t row, uint8_t farthest) {
        Distances distance = Distances{} + farthest;
        for (uint32_t k = group * GROUP; k < (group + 1) * GROUP; k++) {
            const Distances of_right = *reinterpret_cast<const Distances*>(right.distances + k * SIDE);
            const Distances both =
                __builtin_elementwise_add_sat(of_right, Distances{} + left.distances[(first + row) * SIDE + k]);
            distance = __builtin_elementwise_min(distance, both);
        }
        const uint32_t most = left.exponents.most + right.exponents.most - BIAS + MAGIC_EXPONENT;
        alignas(SIDE) uint8_t bytes[SIDE];
        *reinterpret_cast<Distances*>(bytes) = distance;
        for (uint32_t v = 0; v < VECTORS; v++) {
            const I below = __builtin_convertvector(*reinterpret_cast<const Narrow*>(bytes + v * WIDTH), I);
            constants[group][row][v] = as_float(static_cast<int32_t>(exponent_bits(most) | HALF) - (below << 23));
        }
    }

    void add_group(uint32_t group, uint32_t phase, F (&sums)[ROWS][VECTORS], const Accumulate& accumulate) const {
        const float* const b = left.slices[phase >> 1] + first * SIDE;
        const float* const a = right.slices[phase & 1];
        for (uint32_t row = 0; row < ROWS; row++)
            for (uint32_t v = 0; v < VECTORS; v++) sums[row][v] = constants[group][row][v];
        for (uint32_t k = group * GROUP; k < (group + 1) * GROUP; k++)
            for (uint32_t row = 0; row < ROWS; row++) {
                const F factor = splat(b[row * SIDE + k]);
                for (uint32_t v = 0; v < VECTORS; v++) {
                    const F lane = *reinterpret_cast<const F*>(a + k * SIDE + v * WIDTH);
                    sums[row][v] = multiply_add(lane, factor, sums[row][v]);
                }
            }
        for (uint32_t row = 0; row < ROWS; row++)
            for (uint32_t v = 0; v < VECTORS; v++)
                sums[row][v] = accumulate.group_sum(sums[row][v], constants[group][row][v]);
    }

    void run(uint32_t phase, float* dst) const {
        const Accumulate accumulate(phase);
        const bool nothing = (phase & 1 && !right.has_low_slice) || (phase & 2 && !left.has_low_slice);
        for (uint32_t half = 0; half < GROUPS / 2; half++) {
            F sums[2][ROWS][VECTORS];
            if (!nothing)
                for (uint32_t i = 0; i < 2; i++) add_group(2 * half + i, phase, sums[i], accumulate);
            for (uint32_t row = 0; row < ROWS; row++)
                for (uint32_t v = 0; v < VECTORS; v++) {
                    F& place = *reinterpret_cast<F*>(dst + (first + row) * SIDE + v * WIDTH);
                    if (nothing) place = accumulate.add_nothing(place, groups[half][row][v]);
                    else place = accumulate.add(place, sums[0][row][v], sums[1][row][v], groups[half][row][v]);
                }
        }
    }
};

template <DstKind kind, bool quirk>
void multiply_lanes(const ExactOperand& left, const ExactOperand& right, float* dst, uint32_t phases, uint8_t farthest) {
    for (uint32_t first = 0; first < SIDE; first += ROWS) {
        const RowBlock<kind, quirk> block(left, right, first, farthest);
        for (uint32_t phase = 0; phase < phases; phase++) block.run(phase, dst);
    }
}

}  // namespace tthal
