// Four float32 patterns at a time: the roundings, flushes and unpackers that tile operations share.
// The rule numbers refer to the definition at the top of tensix/fast.py.
#pragma once

#include <wasm_simd128.h>

#include "tthal/border/numbers.h"
#include "tthal/border/tensix.h"

namespace tthal::tensix {

inline v128_t splat(uint32_t value) { return wasm_u32x4_splat(value); }
inline v128_t all_zero_exponent(v128_t bits) { return wasm_i32x4_eq(wasm_v128_and(bits, splat(EXPONENT)), splat(0)); }
inline v128_t flush_denormals(v128_t bits) { return wasm_v128_andnot(bits, all_zero_exponent(bits)); }

// To nearest, halves away from zero, dropping the lower `bits` bits of the pattern.
template <uint32_t bits>
inline v128_t round_half_away(v128_t pattern) {
    return wasm_v128_and(wasm_i32x4_add(pattern, splat(1u << (bits - 1))), splat(~((1u << bits) - 1)));
}

// NaN becomes an infinity of its sign.
inline v128_t nan_to_infinity(v128_t bits) {
    const v128_t number = wasm_u32x4_min(wasm_v128_and(bits, splat(MAGNITUDE)), splat(EXPONENT));
    return wasm_v128_or(wasm_v128_and(bits, splat(SIGN)), number);
}

// What a move through the adder does (tensix/moves.py, through_adder).
inline v128_t through_adder(v128_t bits) { return flush_denormals(nan_to_infinity(bits)); }

// Rule 5.
inline v128_t settle(v128_t value, bool is_32_bit) {
    const v128_t number = wasm_f32x4_eq(value, value);
    const v128_t bits = flush_denormals(wasm_v128_bitselect(value, splat(QUIET_NAN), number));
    return is_32_bit ? bits : round_half_away<16>(bits);
}

// A tile's 16 rows of 16 datums per face lie face by face in L1 and row by row in DST: row(datum in L1, datum in DST).
template <typename Row>
inline void for_each_face_row(Row row) {
    for (uint32_t face = 0; face < 4; face++)
        for (uint32_t line = 0; line < 16; line++)
            row(face * 256 + line * 16, ((face >> 1) * 16 + line) * TILE_COLUMNS + (face & 1) * 16);
}

inline v128_t widen_low(v128_t halves) { return wasm_i16x8_shuffle(splat(0), halves, 0, 8, 1, 9, 2, 10, 3, 11); }
inline v128_t widen_high(v128_t halves) { return wasm_i16x8_shuffle(splat(0), halves, 4, 12, 5, 13, 6, 14, 7, 15); }

// ---- unpacking 16 datums to patterns as the unpacker delivers them

inline void unpack_bfloat16(const uint16_t* from, v128_t (&out)[4]) {
    for (uint32_t half = 0; half < 2; half++) {
        const v128_t datums = wasm_v128_load(from + 8 * half);
        out[2 * half] = widen_low(datums);
        out[2 * half + 1] = widen_high(datums);
    }
}

// Float32 arrives as tf32 with a 32-bit DST; else as bfloat16, its denormals as signed zeros (numerics.md §1.2, §1.3).
inline void unpack_float32(const uint32_t* from, bool tf32, v128_t (&out)[4]) {
    for (uint32_t i = 0; i < 4; i++) {
        const v128_t bits = wasm_v128_load(from + 4 * i);
        if (tf32) out[i] = wasm_v128_and(bits, splat(TF32));
        else out[i] = wasm_v128_and(bits, wasm_v128_bitselect(splat(SIGN), splat(BFLOAT16), all_zero_exponent(bits)));
    }
}

// Sign and 7 bits of magnitude per byte, one exponent for 16 of them (numerics.md §1.6): as a float the magnitude has
// the right fraction, and its exponent is off by a constant; it wraps as the hardware's does. -0 means minus infinity.
inline v128_t scale_block_float(v128_t codes, v128_t exponent_offset) {
    const v128_t magnitude = wasm_v128_and(codes, splat(0x7F));
    const v128_t sign = wasm_i32x4_shl(wasm_v128_and(codes, splat(0x80)), 24);
    const v128_t number = wasm_v128_and(
        wasm_i32x4_add(wasm_f32x4_convert_i32x4(magnitude), exponent_offset), splat(MAGNITUDE));
    const v128_t minus_zero = wasm_v128_and(wasm_i32x4_eq(codes, splat(0x80)), splat(EXPONENT));
    const v128_t present = wasm_i32x4_ne(magnitude, splat(0));
    return wasm_v128_or(wasm_v128_or(sign, minus_zero), wasm_v128_and(number, present));
}

inline void unpack_block_float(v128_t bytes, uint8_t exponent, v128_t (&out)[4]) {
    const v128_t offset = splat((static_cast<uint32_t>(exponent) - 133) << 23);
    const v128_t low = wasm_u16x8_extend_low_u8x16(bytes), high = wasm_u16x8_extend_high_u8x16(bytes);
    out[0] = scale_block_float(wasm_u32x4_extend_low_u16x8(low), offset);
    out[1] = scale_block_float(wasm_u32x4_extend_high_u16x8(low), offset);
    out[2] = scale_block_float(wasm_u32x4_extend_low_u16x8(high), offset);
    out[3] = scale_block_float(wasm_u32x4_extend_high_u16x8(high), offset);
}

// 16 nibbles, the low one of a byte first, moved to the upper half of 16 bytes.
inline v128_t spread_nibbles(const uint8_t* from) {
    const v128_t packed = wasm_v128_load64_zero(from);
    const v128_t low = wasm_i8x16_shl(packed, 4), high = wasm_v128_and(packed, wasm_i8x16_splat(static_cast<int8_t>(0xF0)));
    return wasm_i8x16_shuffle(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// Applies `map` to the tile's patterns as the unpacker delivers them and stores them row-major.
template <typename Map>
inline void unpack(uint8_t format, uint32_t address, uint32_t* out, Map map) {
    const uint8_t* bytes = reinterpret_cast<const uint8_t*>(address);
    const auto rows = [&](auto read) {
        for_each_face_row([&](uint32_t from, uint32_t to) {
            v128_t row[4];
            read(from, row);
            for (uint32_t i = 0; i < 4; i++) wasm_v128_store(out + to + 4 * i, map(row[i]));
        });
    };
    const bool tf32 = processor().fp32_dest;
    if (format == FLOAT16_B)
        rows([&](uint32_t from, v128_t(&row)[4]) { unpack_bfloat16(reinterpret_cast<const uint16_t*>(bytes) + from, row); });
    else if (format == FLOAT32)
        rows([&](uint32_t from, v128_t(&row)[4]) { unpack_float32(reinterpret_cast<const uint32_t*>(bytes) + from, tf32, row); });
    else if (format == BFP8_B)
        rows([&](uint32_t from, v128_t(&row)[4]) { unpack_block_float(wasm_v128_load(bytes + 64 + from), bytes[from / 16], row); });
    else
        rows([&](uint32_t from, v128_t(&row)[4]) { unpack_block_float(spread_nibbles(bytes + 64 + from / 2), bytes[from / 16], row); });
}

// ---- fidelity (rule 2)

struct FidelityMasks {
    uint32_t a, b;
};

// What one pass of the multiplier sees; HiFi3 makes two passes over whole operands.
inline FidelityMasks masks_of(uint8_t fidelity) {
    if (fidelity == LOFI) return {A_HIGH, B_HIGH};
    if (fidelity == HIFI2) return {A_FULL, B_HIGH};
    if (fidelity == HIFI3) return {~0u, ~0u};
    return {A_FULL, B_FULL};
}

// The part of SrcB that the second pass of HiFi3 sees.
inline v128_t low_part(v128_t b) {
    const v128_t finite = wasm_i32x4_ne(wasm_v128_and(b, splat(EXPONENT)), splat(EXPONENT));
    return wasm_v128_and(wasm_f32x4_sub(b, wasm_v128_and(b, splat(B_HIGH))), finite);
}

// Rules 1 and 2: an operand of the FPU.
inline void unpack_operand(uint8_t format, uint32_t address, uint32_t* out, uint32_t mask = ~0u) {
    unpack(format, address, out, [mask](v128_t bits) { return wasm_v128_and(flush_denormals(bits), splat(mask)); });
}

}  // namespace tthal::tensix
