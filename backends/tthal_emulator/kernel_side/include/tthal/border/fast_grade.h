// What both compiled halves of the fast grade know: kernel_side/library inside the kernels and execution/compiled beside
// them. The rule numbers refer to the definition at the top of tensix/fast.py.
#pragma once

#include <stdint.h>

namespace tthal {

// float32 patterns.
constexpr uint32_t EXPONENT = 0x7F800000, MAGNITUDE = 0x7FFFFFFF, SIGN = 0x80000000, QUIET_NAN = 0x7FC00000;
constexpr uint32_t BFLOAT16 = 0xFFFF0000, TF32 = 0xFFFFE000, FRACTION = 0x007FFFFF;

// DataFormat codes of the 32x32 tiles that they unpack and pack.
constexpr uint8_t FLOAT32 = 0, FLOAT16_B = 5, BFP8_B = 6, BFP4_B = 7;

// MathFidelity codes, and what the multiplier sees of an operand (rule 2); every other code is HiFi4.
constexpr uint8_t LOFI = 0, HIFI2 = 2, HIFI3 = 3;
constexpr uint32_t keep_fraction(uint32_t bits) { return ~((1u << (23 - bits)) - 1); }
constexpr uint32_t A_HIGH = keep_fraction(4), A_FULL = keep_fraction(9), B_HIGH = keep_fraction(6), B_FULL = keep_fraction(10);

}  // namespace tthal
