// What the exact matrix product works on: tiles as the multipliers see them (numerics.md §3.1).
#pragma once

#include "tiles.h"
#include "tthal/exact/accumulate.h"

namespace tthal {

// A tile: what was unpacked; its slices, see `slice`; and how far each element's exponent is below the largest one.
struct ExactOperand {
    alignas(64) Tile whole, slices[2];
    uint8_t distances[ELEMENTS];
    Exponents exponents;
    bool has_low_slice;
};

// Sets the slices of an operand: `high_mask` keeps the first one's bits, `mask` both's. The low slice is scaled up to the
// exponent of the high one.
inline void slice(ExactOperand& to, uint32_t high_mask, uint32_t mask, float factor, float low_factor) {
    Bits low_bits{};
    for (uint32_t i = 0; i < ELEMENTS; i += 16) {
        const Bits whole = *reinterpret_cast<const Bits*>(to.whole + i) & mask, high = whole & high_mask;
        const Floats low = reinterpret_cast<Floats>(whole) - reinterpret_cast<Floats>(high);
        low_bits |= whole & ~high_mask;
        *reinterpret_cast<Floats*>(to.slices[0] + i) = reinterpret_cast<Floats>(high) * factor;
        *reinterpret_cast<Floats*>(to.slices[1] + i) = low * low_factor;
    }
    to.has_low_slice = __builtin_reduce_or(low_bits) != 0;
}

// How far below the largest exponent each element's is; zeros are as far as can be.
inline void measure(ExactOperand& to) {
    to.exponents = exponents_of(to.whole);
    if (to.exponents.most == 0) to.exponents = {BIAS, BIAS};  // nothing but zeros
    for (uint32_t i = 0; i < ELEMENTS; i += 16) {
        const Bits exponent = (*reinterpret_cast<const Bits*>(to.whole + i) & EXPONENT) >> 23;
        const Bits distance = (to.exponents.most - exponent) | is_zero(exponent);
        *reinterpret_cast<Bytes*>(to.distances + i) =
            __builtin_convertvector(__builtin_elementwise_min(distance, Bits{} + NO_DISTANCE), Bytes);
    }
}

// Operand 1, in SrcA: slices of 5 bits.
inline void read_exact_right(const Product& product, const uint8_t* from, ExactOperand& to) {
    unpack<true>(product.format1, from, product.is_32_bit, ~0u, to.whole);
    if (product.transpose) transpose(to.whole);
    measure(to);
    slice(to, A_HIGH, A_FULL, TIE_BREAKER, TIE_BREAKER * power_of_two(LOW_A));
}

// Operand 0, in SrcB: slices of 7 and 4 bits.
inline void read_exact_left(const Product& product, const uint8_t* from, ExactOperand& to) {
    unpack<true>(product.format0, from, product.is_32_bit, ~0u, to.whole);
    measure(to);
    slice(to, B_HIGH, B_FULL, 1, power_of_two(LOW_B));
}

}  // namespace tthal
