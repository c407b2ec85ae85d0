// Vectors of float32 patterns, of any length: what unpackers, FPU and packers do to all of them. The same text in kernels
// and beside them; vectors longer than the machine's become several of its.
#pragma once

#include "tthal/border/numbers.h"

namespace tthal {

template <typename V>
V is_zero(V bits) {
    return reinterpret_cast<V>(bits == 0);
}

template <typename V>
V flush_denormals(V bits) {
    return bits & ~is_zero(bits & EXPONENT);
}

// To nearest, halves away from zero, dropping the lower `bits` bits of the pattern.
template <uint32_t bits, typename V>
V round_half_away(V pattern) {
    return (pattern + (1u << (bits - 1))) & ~((1u << bits) - 1);
}

// Rule 5 of tensix/fast.py: NaNs are quiet, denormals zero; a 16-bit DST rounds halves away from zero.
template <typename V, typename Floats>
V settle(Floats value, bool is_32_bit) {
    const V is_number = reinterpret_cast<V>(value == value);
    const V bits = flush_denormals((reinterpret_cast<V>(value) & is_number) | (~is_number & QUIET_NAN));
    return is_32_bit ? bits : round_half_away<16>(bits);
}

}  // namespace tthal
