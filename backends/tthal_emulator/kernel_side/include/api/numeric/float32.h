// float32 as bits, on processors without floating point.
#pragma once

#include <cstdint>

inline constexpr uint32_t NEG_INF_FLOAT32 = 0xFF800000, POS_INF_FLOAT32 = 0x7F800000, NAN_FLOAT32 = 0x7FFFFFFF;
inline constexpr uint32_t FLOAT32_SIGN_MASK = 0x80000000, FLOAT32_EXPONENT_MASK = 0x7F800000;
inline constexpr uint32_t FLOAT32_MANTISSA_MASK = 0x007FFFFF, FLOAT32_MAGNITUDE_MASK = 0x7FFFFFFF;

// False when one is not a number, and of the two zeros.
inline bool float32_greater(uint32_t a, uint32_t b) {
    const uint32_t size_a = a & FLOAT32_MAGNITUDE_MASK, size_b = b & FLOAT32_MAGNITUDE_MASK;
    if (size_a > POS_INF_FLOAT32 || size_b > POS_INF_FLOAT32 || (size_a | size_b) == 0) return false;
    if ((a ^ b) & FLOAT32_SIGN_MASK) return !(a & FLOAT32_SIGN_MASK);
    return a & FLOAT32_SIGN_MASK ? a < b : a > b;
}
