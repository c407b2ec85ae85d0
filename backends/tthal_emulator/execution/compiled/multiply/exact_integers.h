// The exact matrix product of two tiles in integer arithmetic, step by step as tensix/fpu.py defines it: for exponents so
// far apart, so large or so small that float32 cannot carry products, and for DST patterns that are no ordinary numbers.
// And the FPU's integer path (tensix/integer.py).
#pragma once

#include "exact_operands.h"
#include "tthal/exact/integers.h"

namespace tthal {

// A tile as integers: exponents, far below all others for zeros, and signed slices.
struct IntegerOperand {
    alignas(64) int32_t exponents[ELEMENTS], slices[2][ELEMENTS];
};

struct IntegerScratch {
    IntegerOperand left, right;
};

inline void split(const ExactOperand& from, bool is_left, IntegerOperand& to) {
    constexpr int32_t ABSENT = -4096;
    for (uint32_t i = 0; i < ELEMENTS; i += WIDTH) {
        const I bits = *reinterpret_cast<const I*>(from.whole + i), exponent = bits >> 23 & 0xFF;
        const I significand = (bits >> 13 & 0x3FF) | 0x400, minus = bits >> 31,
                zero = reinterpret_cast<I>(exponent == 0);
        const I high = is_left ? significand >> 4 : significand >> 6;
        const I low = is_left ? (significand & 0xF) << 3 : significand >> 1 & 0x1F;
        *reinterpret_cast<I*>(to.exponents + i) = select(zero, fill(ABSENT), exponent);
        *reinterpret_cast<I*>(to.slices[0] + i) = ((high ^ minus) - minus) & ~zero;
        *reinterpret_cast<I*>(to.slices[1] + i) = ((low ^ minus) - minus) & ~zero;
    }
}

inline Sum group_sum(const IntegerScratch& space, uint32_t row, uint32_t column, uint32_t k, uint32_t phase,
                     const AccumulateMode& mode) {
    constexpr uint32_t GROUP = 8;
    const int32_t shift = shift_of_phase(phase), rebias = mode.dst_is_float16() ? FLOAT16_REBIAS : 0;
    const int32_t bias = -static_cast<int32_t>(BIAS) - shift - rebias;
    const int32_t floor = mode.five_bit_exponent && mode.is_32_bit ? static_cast<int32_t>(BIAS) - 30 - shift : 0;
    I exponents[GROUP], shared = fill(floor), value{};
    for (uint32_t i = 0; i < GROUP; i++) {
        const I right = *reinterpret_cast<const I*>(space.right.exponents + (k + i) * SIDE + column);
        exponents[i] = right + (space.left.exponents[row * SIDE + k + i] + bias);
        shared = largest(shared, exponents[i]);
    }
    for (uint32_t i = 0; i < GROUP; i++) {
        const I right = *reinterpret_cast<const I*>(space.right.slices[phase & 1] + (k + i) * SIDE + column);
        const I product = right * space.left.slices[phase >> 1][row * SIDE + k + i], minus = product >> 31;
        const I rounded = shift_half_up((product ^ minus) - minus, shared - exponents[i]);
        value += (rounded ^ minus) - minus;
    }
    const I live = below(fill(0), shared);
    return {shared & live, (value << SUM_SHIFT) & live};
}

inline void multiply(const IntegerScratch& space, float* dst, uint32_t phases, const AccumulateMode& mode) {
    for (uint32_t row = 0; row < SIDE; row++)
        for (uint32_t column = 0; column < SIDE; column += WIDTH) {
            U* const place = reinterpret_cast<U*>(dst + row * SIDE + column);
            U value = *place;
            for (uint32_t phase = 0; phase < phases; phase++)
                for (uint32_t k = 0; k < SIDE; k += FACE_SIDE)
                    value = accumulate(group_sum(space, row, column, k, phase, mode),
                                       group_sum(space, row, column, k + FACE_SIDE / 2, phase, mode), value, mode);
            *place = value;
        }
}

// ---- whole numbers: sign and magnitude in Src and in DST, sums of 16 products saturate

inline void read_integers(uint8_t format, const uint8_t* from, int32_t* to) {
    for (uint32_t i = 0; i < ELEMENTS; i++) {
        const uint32_t face = i / (FACE_SIDE * FACE_SIDE), row = i / FACE_SIDE % FACE_SIDE, column = i % FACE_SIDE;
        const int32_t code = from[i], magnitude = format == INT8 ? code & 0x7F : code;
        const bool minus = format == INT8 && code & 0x80;
        to[((face >> 1) * FACE_SIDE + row) * SIDE + (face & 1) * FACE_SIDE + column] = minus ? -magnitude : magnitude;
    }
}

// The bits of a magnitude that a phase sees.
inline I part(I number, int32_t mask) {
    const I minus = number >> 31;
    return (((number ^ minus) - minus & mask) ^ minus) - minus;
}

inline void multiply_integers(const int32_t* left, const int32_t* right, float* dst, uint32_t phases) {
    constexpr int32_t MASK_A[] = {0xE0, 0x1F}, MASK_B[] = {0x3F0, 0x0F}, LARGEST = 0x7FFFFFFF;
    for (uint32_t row = 0; row < SIDE; row++)
        for (uint32_t column = 0; column < SIDE; column += WIDTH) {
            I* const place = reinterpret_cast<I*>(dst + row * SIDE + column);
            const I old_sign = *place >> 31;
            I total = ((*place & LARGEST) ^ old_sign) - old_sign;
            for (uint32_t phase = 0; phase < phases; phase++)
                for (uint32_t half = 0; half < SIDE; half += FACE_SIDE) {
                    I sum{};
                    for (uint32_t k = half; k < half + FACE_SIDE; k++)
                        sum += part(*reinterpret_cast<const I*>(right + k * SIDE + column), MASK_A[phase & 1]) *
                               part(fill(left[row * SIDE + k]), MASK_B[phase >> 1]);
                    total = largest(__builtin_elementwise_add_sat(total, sum), fill(-LARGEST));
                }
            const I minus = total >> 31;
            *place = ((total ^ minus) - minus) | (minus & static_cast<int32_t>(SIGN));
        }
}

}  // namespace tthal
