// What the exact grade's tile operations share: SIMD for numbers of moderate exponents, integers for the rest.
#pragma once

#include "tile_math.h"
#include "tthal/exact/integers.h"

namespace tthal::tensix {

using tthal::select;

inline I magnitude_of(F value) { return as_int(value) & MAGNITUDE; }
inline bool any(I mask) { return wasm_v128_any_true(reinterpret_cast<v128_t>(mask)); }
inline F round_to_bfloat16(F value) { return as_float((as_int(value) + 0x8000) & static_cast<int32_t>(BFLOAT16)); }

// Lanes whose exponents, as they stand in a float, are outside a range.
inline I is_outside(I bits, uint32_t low, uint32_t high) {
    return reinterpret_cast<I>(reinterpret_cast<U>(bits) - exponent_bits(low) >= exponent_bits(high - low));
}

// The same of magnitudes; zeros are never outside.
inline I out_of_range(I magnitude, uint32_t low, uint32_t high) {
    return is_outside(magnitude, low, high) & reinterpret_cast<I>(magnitude != 0);
}

// Lanes of DST that float32 arithmetic does not carry.
template <DstKind kind>
inline I is_odd_sum(F dst) {
    const I odd = out_of_range(as_int(dst) & MAGNITUDE, LEAST_SUM, MOST_SUM);
    if constexpr (kind == DstKind::FLOAT32) return odd;
    else return odd | reinterpret_cast<I>((as_int(dst) & 0xFFFF) != 0);
}

}  // namespace tthal::tensix
