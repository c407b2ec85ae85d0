// See tile_math.h. The rule numbers refer to the definition at the top of tensix/fast.py.
#include "tile_math.h"

#include <wasm_simd128.h>

namespace tthal::tensix {

namespace {

constexpr uint32_t EXPONENT = 0x7F800000, MAGNITUDE = 0x7FFFFFFF, SIGN = 0x80000000, QUIET_NAN = 0x7FC00000;
constexpr uint32_t BFLOAT16 = 0xFFFF0000, TF32 = 0xFFFFE000;

constexpr uint32_t keep_fraction(uint32_t bits) { return ~((1u << (23 - bits)) - 1); }
constexpr uint32_t A_HIGH = keep_fraction(4), A_FULL = keep_fraction(9), B_HIGH = keep_fraction(6), B_FULL = keep_fraction(10);

constexpr uint8_t LOFI = 0, HIFI2 = 2, HIFI3 = 3;

inline v128_t splat(uint32_t value) { return wasm_u32x4_splat(value); }
inline v128_t exponent_is_zero(v128_t bits) { return wasm_i32x4_eq(wasm_v128_and(bits, splat(EXPONENT)), splat(0)); }
inline v128_t flush_denormals(v128_t bits) { return wasm_v128_andnot(bits, exponent_is_zero(bits)); }
inline v128_t round_half_away(v128_t bits) {
    return wasm_v128_and(wasm_i32x4_add(bits, splat(0x8000)), splat(BFLOAT16));
}

// Rule 5.
inline v128_t settle(v128_t value, bool is_32_bit) {
    const v128_t number = wasm_f32x4_eq(value, value);
    const v128_t bits = flush_denormals(wasm_v128_bitselect(value, splat(QUIET_NAN), number));
    return is_32_bit ? bits : round_half_away(bits);
}

// A tile's 16 rows of 16 datums per face lie face by face in L1 and row by row in DST.
template <typename Row>
inline void for_each_face_row(Row row) {
    for (uint32_t face = 0; face < 4; face++)
        for (uint32_t line = 0; line < 16; line++)
            row(face * 256 + line * 16, ((face >> 1) * 16 + line) * TILE_COLUMNS + (face & 1) * 16);
}

inline v128_t widen_low(v128_t halves) {
    return wasm_i16x8_shuffle(splat(0), halves, 0, 8, 1, 9, 2, 10, 3, 11);
}
inline v128_t widen_high(v128_t halves) {
    return wasm_i16x8_shuffle(splat(0), halves, 4, 12, 5, 13, 6, 14, 7, 15);
}

// Applies `map` to the tile's patterns as the unpacker delivers them and stores them row-major. Float32 arrives as tf32
// with a 32-bit DST; else as bfloat16, its denormals as signed zeros (numerics.md §1.2, §1.3).
template <typename Map>
inline void unpack(uint8_t format, uint32_t address, uint32_t* out, Map map) {
    if (format == FLOAT16_B) {
        const uint16_t* page = reinterpret_cast<const uint16_t*>(address);
        return for_each_face_row([&](uint32_t from, uint32_t to) {
            for (uint32_t half = 0; half < 16; half += 8) {
                const v128_t datums = wasm_v128_load(page + from + half);
                wasm_v128_store(out + to + half, map(widen_low(datums)));
                wasm_v128_store(out + to + half + 4, map(widen_high(datums)));
            }
        });
    }
    const uint32_t* page = reinterpret_cast<const uint32_t*>(address);
    const bool tf32 = processor().fp32_dest;
    for_each_face_row([&](uint32_t from, uint32_t to) {
        for (uint32_t quarter = 0; quarter < 16; quarter += 4) {
            v128_t bits = wasm_v128_load(page + from + quarter);
            if (tf32) {
                bits = wasm_v128_and(bits, splat(TF32));
            } else {
                const v128_t kept = wasm_v128_bitselect(splat(SIGN), splat(BFLOAT16), exponent_is_zero(bits));
                bits = wasm_v128_and(bits, kept);
            }
            wasm_v128_store(out + to + quarter, map(bits));
        }
    });
}

// Rules 1 and 2: an operand of the FPU, truncated to what one pass of the multiplier sees.
inline void unpack_operand(uint8_t format, uint32_t address, uint32_t* out, uint32_t mask = ~0u) {
    unpack(format, address, out, [mask](v128_t bits) { return wasm_v128_and(flush_denormals(bits), splat(mask)); });
}

// The part of SrcB that the second pass of HiFi3 sees.
inline v128_t low_part(v128_t b) {
    const v128_t finite = wasm_i32x4_ne(wasm_v128_and(b, splat(EXPONENT)), splat(EXPONENT));
    return wasm_v128_and(wasm_f32x4_sub(b, wasm_v128_and(b, splat(B_HIGH))), finite);
}

struct FidelityMasks {
    uint32_t a, b;
};

inline FidelityMasks masks(uint8_t fidelity) {
    if (fidelity == LOFI) return {A_HIGH, B_HIGH};
    if (fidelity == HIFI2) return {A_FULL, B_HIGH};
    return {A_FULL, B_FULL};
}

alignas(16) uint32_t operand_a[TILE_ELEMENTS], operand_b[TILE_ELEMENTS];
alignas(16) uint32_t second_a[TILE_ELEMENTS], second_b[TILE_ELEMENTS];

inline void transpose_in_place(uint32_t* tile) {
    for (uint32_t row = 0; row < TILE_ROWS; row++)
        for (uint32_t column = row + 1; column < TILE_COLUMNS; column++) {
            const uint32_t held = tile[row * 32 + column];
            tile[row * 32 + column] = tile[column * 32 + row];
            tile[column * 32 + row] = held;
        }
}

// HiFi3 adds two products per k: SrcA's upper 9 fraction bits times SrcB's upper 6, then 4 times the rest.
inline void split_for_hifi3() {
    for (uint32_t i = 0; i < TILE_ELEMENTS; i += 4) {
        const v128_t a = wasm_v128_load(operand_a + i), b = wasm_v128_load(operand_b + i);
        wasm_v128_store(second_a + i, wasm_v128_and(a, splat(A_HIGH)));
        wasm_v128_store(second_b + i, low_part(b));
        wasm_v128_store(operand_a + i, wasm_v128_and(a, splat(A_FULL)));
        wasm_v128_store(operand_b + i, wasm_v128_and(b, splat(B_HIGH)));
    }
}

constexpr uint32_t BLOCK_ROWS = 4;

// Rule 3 for four rows and eight columns of DST: every sum runs over k ascending, each step rounded.
template <bool two_products>
inline void matmul_block(uint32_t* dst, uint32_t row, uint32_t column, bool is_32_bit) {
    v128_t sum[BLOCK_ROWS][2];
    for (uint32_t i = 0; i < BLOCK_ROWS; i++)
        for (uint32_t h = 0; h < 2; h++) sum[i][h] = wasm_v128_load(dst + (row + i) * 32 + column + 4 * h);
#pragma clang loop unroll_count(4)
    for (uint32_t k = 0; k < 32; k++) {
        const v128_t a0 = wasm_v128_load(operand_a + k * 32 + column), a1 = wasm_v128_load(operand_a + k * 32 + column + 4);
        for (uint32_t i = 0; i < BLOCK_ROWS; i++) {
            const v128_t b = wasm_v128_load32_splat(operand_b + (row + i) * 32 + k);
            sum[i][0] = wasm_f32x4_add(sum[i][0], wasm_f32x4_mul(a0, b));
            sum[i][1] = wasm_f32x4_add(sum[i][1], wasm_f32x4_mul(a1, b));
        }
        if constexpr (two_products) {
            const v128_t c0 = wasm_v128_load(second_a + k * 32 + column), c1 = wasm_v128_load(second_a + k * 32 + column + 4);
            for (uint32_t i = 0; i < BLOCK_ROWS; i++) {
                const v128_t b = wasm_v128_load32_splat(second_b + (row + i) * 32 + k);
                sum[i][0] = wasm_f32x4_add(sum[i][0], wasm_f32x4_mul(c0, b));
                sum[i][1] = wasm_f32x4_add(sum[i][1], wasm_f32x4_mul(c1, b));
            }
        }
    }
    for (uint32_t i = 0; i < BLOCK_ROWS; i++)
        for (uint32_t h = 0; h < 2; h++)
            wasm_v128_store(dst + (row + i) * 32 + column + 4 * h, settle(sum[i][h], is_32_bit));
}

template <bool two_products>
inline void matmul(uint32_t* dst) {
    const bool is_32_bit = processor().fp32_dest;
    for (uint32_t row = 0; row < TILE_ROWS; row += BLOCK_ROWS)
        for (uint32_t column = 0; column < TILE_COLUMNS; column += 8) matmul_block<two_products>(dst, row, column, is_32_bit);
}

template <typename Operation>
inline void elementwise(uint32_t* dst, Operation operation) {
    const bool is_32_bit = processor().fp32_dest;
    for (uint32_t i = 0; i < TILE_ELEMENTS; i += 4) {
        const v128_t a = wasm_v128_load(operand_a + i), b = wasm_v128_load(operand_b + i);
        wasm_v128_store(dst + i, settle(operation(a, b, wasm_v128_load(dst + i)), is_32_bit));
    }
}

}  // namespace

void simd_copy(uint8_t format, uint32_t address, uint32_t* dst) {
    if (processor().fp32_dest) unpack(format, address, dst, flush_denormals);
    else unpack(format, address, dst, [](v128_t bits) { return bits; });
}

void simd_binary(BinaryOperation operation, uint8_t format0, uint32_t address0, uint8_t format1, uint32_t address1,
                 uint32_t* dst, bool accumulate) {
    const uint8_t fidelity = processor().math_fidelity;
    const bool multiply = operation == BinaryOperation::MUL;
    const FidelityMasks mask = multiply && fidelity != HIFI3 ? masks(fidelity) : FidelityMasks{~0u, ~0u};
    unpack_operand(format0, address0, operand_a, mask.a);
    unpack_operand(format1, address1, operand_b, mask.b);
    if (multiply && fidelity == HIFI3) {
        elementwise(dst, [](v128_t a, v128_t b, v128_t old) {
            const v128_t first = wasm_f32x4_mul(wasm_v128_and(a, splat(A_FULL)), wasm_v128_and(b, splat(B_HIGH)));
            const v128_t second = wasm_f32x4_mul(wasm_v128_and(a, splat(A_HIGH)), low_part(b));
            return wasm_f32x4_add(wasm_f32x4_add(old, first), second);
        });
    } else if (multiply) {
        elementwise(dst, [](v128_t a, v128_t b, v128_t old) { return wasm_f32x4_add(old, wasm_f32x4_mul(a, b)); });
    } else {
        const v128_t flip = splat(operation == BinaryOperation::SUB ? SIGN : 0);
        elementwise(dst, [=](v128_t a, v128_t b, v128_t old) {
            const v128_t sum = wasm_f32x4_add(a, wasm_v128_xor(b, flip));
            return accumulate ? wasm_f32x4_add(old, sum) : sum;
        });
    }
}

void simd_matmul(uint8_t format0, uint32_t address0, uint8_t format1, uint32_t address1, uint32_t* dst, bool transpose) {
    const uint8_t fidelity = processor().math_fidelity;
    const bool two_products = fidelity == HIFI3;
    const FidelityMasks mask = two_products ? FidelityMasks{~0u, ~0u} : masks(fidelity);
    unpack_operand(format0, address0, operand_b, mask.b);
    unpack_operand(format1, address1, operand_a, mask.a);
    if (transpose) transpose_in_place(operand_a);
    if (!two_products) return matmul<false>(dst);
    split_for_hifi3();
    matmul<true>(dst);
}

// NaN becomes infinity and denormals +0 on the way out of DST (numerics.md §5.1 to §5.3).
void simd_pack(uint8_t format, const uint32_t* dst, uint32_t address) {
    const bool is_32_bit = processor().fp32_dest;
    const auto convert = [is_32_bit](v128_t bits) {
        const v128_t magnitude = wasm_v128_and(bits, splat(MAGNITUDE));
        const v128_t number = wasm_u32x4_min(magnitude, splat(EXPONENT));
        const v128_t value = wasm_v128_or(wasm_v128_and(bits, splat(SIGN)), number);
        return flush_denormals(is_32_bit ? round_half_away(value) : wasm_v128_and(value, splat(BFLOAT16)));
    };
    if (format == FLOAT32) {
        uint32_t* page = reinterpret_cast<uint32_t*>(address);
        return for_each_face_row([&](uint32_t to, uint32_t from) {
            for (uint32_t quarter = 0; quarter < 16; quarter += 4) {
                const v128_t bits = wasm_v128_load(dst + from + quarter);
                wasm_v128_store(page + to + quarter, is_32_bit ? bits : convert(bits));
            }
        });
    }
    uint16_t* page = reinterpret_cast<uint16_t*>(address);
    for_each_face_row([&](uint32_t to, uint32_t from) {
        for (uint32_t half = 0; half < 16; half += 8) {
            const v128_t low = convert(wasm_v128_load(dst + from + half));
            const v128_t high = convert(wasm_v128_load(dst + from + half + 4));
            wasm_v128_store(page + to + half, wasm_i16x8_shuffle(low, high, 1, 3, 5, 7, 9, 11, 13, 15));
        }
    });
}

}  // namespace tthal::tensix
