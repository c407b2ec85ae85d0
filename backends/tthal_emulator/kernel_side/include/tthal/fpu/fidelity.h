// What the multiplier sees of its operands in each pass: rule 2 of tensix/fast.py (numerics.md §3.1).
#pragma once

#include "tthal/fpu/patterns.h"

namespace tthal {

// The bits of both factors; or instead of SrcB's, what its upper part leaves.
struct Pass {
    uint32_t a, b;
    bool low_b;
};

struct Passes {
    uint32_t count;
    Pass pass[2];

    // What the unpacked operands need to hold: all that any pass looks at.
    constexpr uint32_t mask_a() const { return count == 2 ? ~0u : pass[0].a; }
    constexpr uint32_t mask_b() const { return count == 2 ? ~0u : pass[0].b; }
};

constexpr Passes passes_of(uint8_t fidelity) {
    if (fidelity == LOFI) return {1, {{A_HIGH, B_HIGH, false}}};
    if (fidelity == HIFI2) return {1, {{A_FULL, B_HIGH, false}}};
    if (fidelity == HIFI3) return {2, {{A_FULL, B_HIGH, false}, {A_HIGH, 0, true}}};
    return {1, {{A_FULL, B_FULL, false}}};
}

// What the upper part of SrcB leaves; nothing of an infinity.
template <typename V>
V low_part(V b) {
    typedef float Floats __attribute__((vector_size(sizeof(V))));
    const V is_finite = ~is_zero((b & EXPONENT) ^ EXPONENT);
    return reinterpret_cast<V>(reinterpret_cast<Floats>(b) - reinterpret_cast<Floats>(b & B_HIGH)) & is_finite;
}

}  // namespace tthal
