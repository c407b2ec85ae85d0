// What both compiled halves of tile math know: kernel_side/library inside the kernels and execution/compiled beside them.
// The rule numbers refer to the definition at the top of tensix/fast.py.
#pragma once

#include "tthal/border/formats.h"

namespace tthal {

// float32 patterns.
constexpr uint32_t EXPONENT = 0x7F800000, MAGNITUDE = 0x7FFFFFFF, SIGN = 0x80000000, QUIET_NAN = 0x7FC00000;
constexpr uint32_t BFLOAT16 = 0xFFFF0000, TF32 = 0xFFFFE000, FRACTION = 0x007FFFFF;

// Of formats whose exponents have 5 bits, as float32: 31 is an ordinary one.
constexpr uint32_t FLOAT16_REBIAS = 112, FLOAT16_LARGEST = 0x47FFE000;

// DataFormat codes: of the 32x32 tiles that both unpack and pack, and of those that only exact products read.
constexpr uint8_t code(DataFormat format) { return static_cast<uint8_t>(format); }
constexpr uint8_t FLOAT32 = code(DataFormat::Float32), FLOAT16_B = code(DataFormat::Float16_b);
constexpr uint8_t BFP8_B = code(DataFormat::Bfp8_b), BFP4_B = code(DataFormat::Bfp4_b);
constexpr uint8_t FLOAT16 = code(DataFormat::Float16), TF32_FORMAT = code(DataFormat::Tf32),
                  FLOAT8 = code(DataFormat::Lf8);
constexpr uint8_t BFP8 = code(DataFormat::Bfp8), BFP4 = code(DataFormat::Bfp4), BFP2 = code(DataFormat::Bfp2);
constexpr uint8_t BFP2_B = code(DataFormat::Bfp2_b), FP8_E4M3 = code(DataFormat::Fp8_e4m3);
constexpr uint8_t INT8 = code(DataFormat::Int8), UINT8 = code(DataFormat::UInt8);

// Those that both unpack and pack.
constexpr bool is_simd(uint8_t format) {
    return format == FLOAT32 || format == FLOAT16_B || format == BFP8_B || format == BFP4_B;
}

// Formats whose exponents have 5 bits; in SrcA they make a 16-bit DST hold float16.
constexpr bool has_five_bit_exponent(uint8_t format) {
    return format == FLOAT16 || format == FLOAT8 || format == FP8_E4M3 || format == BFP8 || format == BFP4 ||
           format == BFP2;
}
// What goes to SrcA and SrcB for the multipliers.
constexpr bool is_multiplied(uint8_t format) {
    constexpr uint32_t FORMATS = 1u << FLOAT32 | 1u << FLOAT16 | 1u << BFP8 | 1u << BFP4 | 1u << TF32_FORMAT |
                                 1u << FLOAT16_B | 1u << BFP8_B | 1u << BFP4_B | 1u << FLOAT8 | 1u << BFP2 |
                                 1u << INT8 | 1u << BFP2_B | 1u << FP8_E4M3 | 1u << UINT8;
    return format < 32 && FORMATS >> format & 1;
}
constexpr bool is_integer(uint8_t format) { return format == INT8 || format == UINT8; }

// MathFidelity codes, and what the multiplier sees of an operand (rule 2); every other code is HiFi4.
constexpr uint8_t code(ckernel::MathFidelity fidelity) { return static_cast<uint8_t>(fidelity); }
constexpr uint8_t LOFI = code(ckernel::MathFidelity::LoFi), HIFI2 = code(ckernel::MathFidelity::HiFi2);
constexpr uint8_t HIFI3 = code(ckernel::MathFidelity::HiFi3);
constexpr uint32_t keep_fraction(uint32_t bits) { return ~((1u << (23 - bits)) - 1); }
constexpr uint32_t A_HIGH = keep_fraction(4), A_FULL = keep_fraction(9), B_HIGH = keep_fraction(6),
                   B_FULL = keep_fraction(10);

}  // namespace tthal
