// What the unpacker makes of datums as they lie in L1: float32 patterns, 16 at a time (numerics.md §1).
#pragma once

#include "tthal/fpu/patterns.h"

namespace tthal {

constexpr uint32_t FACE_SIDE = 16, TILE_SIDE = 2 * FACE_SIDE;

typedef uint32_t Bits __attribute__((vector_size(64), aligned(4), may_alias));
typedef float Floats __attribute__((vector_size(64)));
typedef uint16_t Halves __attribute__((vector_size(32), aligned(1), may_alias));
typedef uint8_t Bytes __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint8_t HalfOfBytes __attribute__((vector_size(8), aligned(1), may_alias));

// A tile's 16 rows of 16 datums per face lie face by face in L1 and row by row in DST: row(datum in L1, datum in DST).
template <typename Row>
inline void for_each_face_row(Row row) {
#pragma clang loop unroll(disable)  // four times the code is not faster, and takes longer to compile
    for (uint32_t face = 0; face < 4; face++)
        for (uint32_t line = 0; line < FACE_SIDE; line++)
            row((face * FACE_SIDE + line) * FACE_SIDE,
                ((face >> 1) * FACE_SIDE + line) * TILE_SIDE + (face & 1) * FACE_SIDE);
}

// ---- floats

// Float32 arrives as tf32 with a 32-bit DST; else as bfloat16, its denormals as signed zeros (§1.2, §1.3).
inline Bits read_float32(const uint8_t* from, bool tf32) {
    const Bits bits = *reinterpret_cast<const Bits*>(from);
    if (tf32) return bits & TF32;
    return bits & ((is_zero(bits & EXPONENT) & SIGN) | (~is_zero(bits & EXPONENT) & BFLOAT16));
}

inline Bits read_bfloat16(const uint8_t* from) {
    return __builtin_convertvector(*reinterpret_cast<const Halves*>(from), Bits) << 16;
}

// Exponents of 5 bits become float32's; 31 is an ordinary one, and 0 means zero.
inline Bits widen_float16(Bits halves) {
    const Bits magnitude = halves & 0x7FFF;
    return (halves & 0x8000) << 16 | (((magnitude << 13) + (FLOAT16_REBIAS << 23)) & ~is_zero(magnitude & 0x7C00));
}

inline Bits read_float16(const uint8_t* from) {
    return widen_float16(__builtin_convertvector(*reinterpret_cast<const Halves*>(from), Bits));
}

inline Bits read_bytes(const uint8_t* from) {
    return __builtin_convertvector(*reinterpret_cast<const Bytes*>(from), Bits);
}

// Exponents of 4 bits are 8 less; the pattern of all ones keeps a whole fraction.
inline Bits read_fp8_e4m3(const uint8_t* from) {
    const Bits codes = read_bytes(from), exponent = codes >> 3 & 0xF;
    const Bits filler = is_zero((codes & 0x7F) ^ 0x7F) & 0x7F;
    return widen_float16((codes & 0x80) << 8 | ((exponent + 8) & ~is_zero(exponent)) << 10 | (codes & 7) << 7 | filler);
}

// ---- block floats

// Sign and 7 bits of magnitude, one exponent for 16 of them (§1.6): as a float the magnitude has the right fraction, and
// its exponent is off by a constant; it wraps as the hardware's does. -0 means minus infinity.
inline Bits scale_block_float(Bits codes, uint8_t exponent) {
    const Bits magnitude = codes & 0x7F, sign = (codes & 0x80) << 24;
    const Bits wide = reinterpret_cast<Bits>(__builtin_convertvector(magnitude, Floats));
    const Bits number = (wide + ((static_cast<uint32_t>(exponent) - 133) << 23)) & MAGNITUDE;
    return sign | (is_zero(codes ^ 0x80) & EXPONENT) | (number & ~is_zero(magnitude));
}

// The same with an exponent of 5 bits (§1.8).
inline Bits scale_short_block_float(Bits codes, uint8_t exponent) {
    const Bits wide = scale_block_float(codes, exponent);
    return widen_float16((wide >> 16 & 0x8000) | (wide & 0x0FFFFFFF) >> 13);
}

// Datums of 8, 4 or 2 bits, the low ones of a byte first, moved to the upper bits of 16 bytes.
template <uint32_t bits>
Bits read_codes(const uint8_t* from) {
    if constexpr (bits == 8) return read_bytes(from);
    if constexpr (bits == 4) {
        const HalfOfBytes both = *reinterpret_cast<const HalfOfBytes*>(from), low = both << 4, high = both & 0xF0;
        return __builtin_convertvector(
            __builtin_shufflevector(low, high, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15), Bits);
    }
    constexpr uint32_t PER_BYTE = 8 / bits, UPPER = 0x100 - (0x100 >> bits);
    Bits codes;
    for (uint32_t i = 0; i < 16; i++) codes[i] = from[i / PER_BYTE] << (8 - bits - i % PER_BYTE * bits) & UPPER;
    return codes;
}

// ---- rows of a face

template <uint8_t format>
Bits read_row(const uint8_t* tile, uint32_t row, bool tf32) {
    constexpr uint32_t EXPONENTS = TILE_SIDE * TILE_SIDE / FACE_SIDE;
    const uint8_t* const codes = tile + EXPONENTS;
    if constexpr (format == FLOAT32) return read_float32(tile + row * 64, tf32);
    if constexpr (format == TF32_FORMAT) return read_float32(tile + row * 64, true);
    if constexpr (format == FLOAT16_B) return read_bfloat16(tile + row * 32);
    if constexpr (format == FLOAT16) return read_float16(tile + row * 32);
    if constexpr (format == FLOAT8) return widen_float16(read_bytes(tile + row * 16) << 8);
    if constexpr (format == FP8_E4M3) return read_fp8_e4m3(tile + row * 16);
    if constexpr (format == BFP8_B) return scale_block_float(read_codes<8>(codes + row * 16), tile[row]);
    if constexpr (format == BFP4_B) return scale_block_float(read_codes<4>(codes + row * 8), tile[row]);
    if constexpr (format == BFP2_B) return scale_block_float(read_codes<2>(codes + row * 4), tile[row]);
    if constexpr (format == BFP8) return scale_short_block_float(read_codes<8>(codes + row * 16), tile[row]);
    if constexpr (format == BFP4) return scale_short_block_float(read_codes<4>(codes + row * 8), tile[row]);
    if constexpr (format == BFP2) return scale_short_block_float(read_codes<2>(codes + row * 4), tile[row]);
}

}  // namespace tthal
