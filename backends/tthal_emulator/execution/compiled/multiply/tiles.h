// Tiles as they lie in L1, and what the unpacker makes of them: float32 patterns, row-major (numerics.md §1).
#pragma once

#include "product.h"

namespace tthal {

// A tile of float32, row-major.
typedef float Tile[ELEMENTS];

typedef uint32_t Bits __attribute__((vector_size(64), aligned(4), may_alias));
typedef uint16_t Halves __attribute__((vector_size(32), aligned(1), may_alias));
typedef uint8_t Bytes __attribute__((vector_size(16), aligned(1), may_alias));
typedef float Floats __attribute__((vector_size(64)));

inline Bits is_zero(Bits bits) { return reinterpret_cast<Bits>(bits == 0); }
inline Bits flush_denormals(Bits bits) { return bits & ~is_zero(bits & EXPONENT); }

// ---- 16 datums

// Float32 arrives as tf32 with a 32-bit DST, else as bfloat16 (numerics.md §1.2, §1.3).
inline Bits read_float32(const uint8_t* from, bool tf32) {
    return *reinterpret_cast<const Bits*>(from) & (tf32 ? TF32 : BFLOAT16);
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

inline Bits read_bytes(const uint8_t* from) { return __builtin_convertvector(*reinterpret_cast<const Bytes*>(from), Bits); }

// Exponents of 4 bits are 8 less; the pattern of all ones keeps a whole fraction.
inline Bits read_fp8_e4m3(const uint8_t* from) {
    const Bits codes = read_bytes(from), exponent = codes >> 3 & 0xF;
    const Bits filler = is_zero((codes & 0x7F) ^ 0x7F) & 0x7F;
    return widen_float16((codes & 0x80) << 8 | ((exponent + 8) & ~is_zero(exponent)) << 10 | (codes & 7) << 7 | filler);
}

// Sign and 7 bits of magnitude, one exponent for 16 of them (numerics.md §1.6): as a float the magnitude has the right
// fraction, and its exponent is off by a constant; it wraps as the hardware's does. -0 means minus infinity.
inline Bits scale_block_float(Bits codes, uint8_t exponent) {
    const Bits magnitude = codes & 0x7F, sign = (codes & 0x80) << 24;
    const Bits wide = reinterpret_cast<Bits>(__builtin_convertvector(magnitude, Floats));
    const Bits number = (wide + ((static_cast<uint32_t>(exponent) - 133) << 23)) & MAGNITUDE;
    return sign | (is_zero(codes ^ 0x80) & EXPONENT) | (number & ~is_zero(magnitude));
}

// The same with an exponent of 5 bits (numerics.md §1.8).
inline Bits scale_short_block_float(Bits codes, uint8_t exponent) {
    const Bits wide = scale_block_float(codes, exponent);
    return widen_float16((wide >> 16 & 0x8000) | (wide & 0x0FFFFFFF) >> 13);
}

// Datums of 8, 4 or 2 bits, the low ones of a byte first, moved to the upper bits of 16 bytes.
template <uint32_t bits>
Bits read_codes(const uint8_t* from) {
    if constexpr (bits == 8) return read_bytes(from);
    constexpr uint32_t PER_BYTE = 8 / bits, UPPER = 0x100 - (0x100 >> bits);
    Bits codes;
    for (uint32_t i = 0; i < 16; i++) codes[i] = from[i / PER_BYTE] << (8 - bits - i % PER_BYTE * bits) & UPPER;
    return codes;
}

template <uint8_t format>
Bits read_row(const uint8_t* tile, uint32_t row, bool tf32) {
    if constexpr (format == FLOAT32) return read_float32(tile + row * 64, tf32);
    if constexpr (format == TF32_FORMAT) return read_float32(tile + row * 64, true);
    if constexpr (format == FLOAT16_B) return read_bfloat16(tile + row * 32);
    if constexpr (format == FLOAT16) return read_float16(tile + row * 32);
    if constexpr (format == FLOAT8) return widen_float16(read_bytes(tile + row * 16) << 8);
    if constexpr (format == FP8_E4M3) return read_fp8_e4m3(tile + row * 16);
    if constexpr (format == BFP8_B) return scale_block_float(read_codes<8>(tile + 64 + row * 16), tile[row]);
    if constexpr (format == BFP4_B) return scale_block_float(read_codes<4>(tile + 64 + row * 8), tile[row]);
    if constexpr (format == BFP2_B) return scale_block_float(read_codes<2>(tile + 64 + row * 4), tile[row]);
    if constexpr (format == BFP8) return scale_short_block_float(read_codes<8>(tile + 64 + row * 16), tile[row]);
    if constexpr (format == BFP4) return scale_short_block_float(read_codes<4>(tile + 64 + row * 8), tile[row]);
    if constexpr (format == BFP2) return scale_short_block_float(read_codes<2>(tile + 64 + row * 4), tile[row]);
}

// ---- tiles

// The 16 rows of 16 datums per face lie face by face in L1. Datums with exponent 0 become +0.
template <uint8_t format>
void unpack(const uint8_t* from, bool tf32, uint32_t mask, float* to) {
    for (uint32_t face = 0; face < 4; face++) {
        float* const corner = to + (face >> 1) * FACE_SIDE * SIDE + (face & 1) * FACE_SIDE;
        for (uint32_t row = 0; row < FACE_SIDE; row++)
            *reinterpret_cast<Bits*>(corner + row * SIDE) =
                flush_denormals(read_row<format>(from, face * FACE_SIDE + row, tf32)) & mask;
    }
}

// `rare` says whether formats that the fast grade's compiled code leaves to numpy can come.
template <bool rare>
void unpack(uint8_t format, const uint8_t* from, bool tf32, uint32_t mask, float* to) {
    switch (format) {
        case FLOAT16_B: return unpack<FLOAT16_B>(from, tf32, mask, to);
        case FLOAT32: return unpack<FLOAT32>(from, tf32, mask, to);
        case BFP8_B: return unpack<BFP8_B>(from, tf32, mask, to);
        case BFP4_B: return unpack<BFP4_B>(from, tf32, mask, to);
    }
    if constexpr (!rare) return;
    switch (format) {
        case TF32_FORMAT: return unpack<TF32_FORMAT>(from, tf32, mask, to);
        case FLOAT16: return unpack<FLOAT16>(from, tf32, mask, to);
        case FLOAT8: return unpack<FLOAT8>(from, tf32, mask, to);
        case FP8_E4M3: return unpack<FP8_E4M3>(from, tf32, mask, to);
        case BFP2_B: return unpack<BFP2_B>(from, tf32, mask, to);
        case BFP8: return unpack<BFP8>(from, tf32, mask, to);
        case BFP4: return unpack<BFP4>(from, tf32, mask, to);
        case BFP2: return unpack<BFP2>(from, tf32, mask, to);
    }
}

// Biased exponents of the elements that are not zero.
struct Exponents {
    uint32_t least, most;
};

inline Exponents exponents_of(const float* tile) {
    Bits least = Bits{} + ~0u, most{};
    for (uint32_t i = 0; i < ELEMENTS; i += 16) {
        const Bits magnitude = *reinterpret_cast<const Bits*>(tile + i) & MAGNITUDE;
        least = __builtin_elementwise_min(least, magnitude - 1);  // a zero wraps and counts for nothing
        most = __builtin_elementwise_max(most, magnitude);
    }
    return {__builtin_reduce_min(least) >> 23, __builtin_reduce_max(most) >> 23};
}

inline void transpose(float* tile) {
    for (uint32_t row = 0; row < SIDE; row++)
        for (uint32_t column = 0; column < row; column++) {
            const float other = tile[row * SIDE + column];
            tile[row * SIDE + column] = tile[column * SIDE + row];
            tile[column * SIDE + row] = other;
        }
}

}  // namespace tthal
