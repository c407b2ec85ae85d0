// bfloat16 on processors without it: conversions and an order on its bits.
#pragma once

#include <bit>
#include <cstdint>

inline constexpr uint16_t NEG_INF_BFLOAT16 = 0xFF80, POS_INF_BFLOAT16 = 0x7F80, NAN_BFLOAT16 = 0x7FFF;
inline constexpr uint16_t BFLOAT16_SIGN_MASK = 0x8000, BFLOAT16_EXPONENT_MASK = 0x7F80, BFLOAT16_MANTISSA_MASK = 0x007F;
inline constexpr uint16_t BFLOAT16_MAGNITUDE_MASK = 0x7FFF;

inline float bf16_to_fp32(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

// To the nearest, ties to even.
inline uint16_t fp32_to_bf16(float value) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    return static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}
inline uint16_t fp32_to_bf16_truncate(float value) {
    return static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16);
}

struct FloatBits {
    uint16_t high16, low16;
    explicit FloatBits(float value)
        : high16(std::bit_cast<uint32_t>(value) >> 16), low16(std::bit_cast<uint32_t>(value) & 0xFFFF) {}
};

// Compares the bits: of two negative numbers the one with the smaller magnitude is greater.
inline bool bfloat16_greater(uint16_t a, uint16_t b) {
    if ((a ^ b) & BFLOAT16_SIGN_MASK) return !(a & BFLOAT16_SIGN_MASK);
    return a & BFLOAT16_SIGN_MASK ? a < b : a > b;
}
