// The exact matrix product of two tiles in float32 arithmetic, for operands of moderate exponents (numerics.md §3).
//
// Where products go: a product of slices is a float32, and a group's 8 of them are added by fused multiply-adds onto
// 1.5 * 2^23 units of the group, a unit being what the group's products are rounded to. Each addition then rounds its
// product to the unit and is exact otherwise; none meets a tie, see TIE_BREAKER. Subtracting the constant leaves the sum.
// The constant depends on the group's largest exponent: the smallest sum of distances below the operands' largest
// exponents, a minimum of sums of bytes, the same for all phases.
#pragma once

#include "exact_operands.h"

namespace tthal {

constexpr uint32_t GROUP = 8, GROUPS = SIDE / GROUP;
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
                    groups[half][row][v] = __builtin_elementwise_max(as_int(constants[2 * half][row][v]),
                                                                     as_int(constants[2 * half + 1][row][v])) -
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
                const F factor = fill(b[row * SIDE + k]);
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
void multiply_lanes(const ExactOperand& left, const ExactOperand& right, float* dst, uint32_t phases,
                    uint8_t farthest) {
    for (uint32_t first = 0; first < SIDE; first += ROWS) {
        const RowBlock<kind, quirk> block(left, right, first, farthest);
        for (uint32_t phase = 0; phase < phases; phase++) block.run(phase, dst);
    }
}

}  // namespace tthal
