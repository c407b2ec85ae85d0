// The matrix product of one k step; see tile_math.h.
#include "tile_math.h"

namespace tthal::tensix {

namespace {

constexpr uint32_t BLOCK_ROWS = 4;
constexpr uint32_t MOST_TILES = 16;

alignas(16) uint32_t left[TILE_ELEMENTS], second_left[TILE_ELEMENTS];
alignas(16) uint32_t right[MOST_TILES][TILE_ELEMENTS], second_right[MOST_TILES][TILE_ELEMENTS];

// HiFi3 adds two products per k: SrcA's upper 9 fraction bits times SrcB's upper 6, then 4 times the rest.
void split_right(uint32_t* a, uint32_t* second) {
    for (uint32_t i = 0; i < TILE_ELEMENTS; i += 4) {
        const v128_t value = wasm_v128_load(a + i);
        wasm_v128_store(second + i, wasm_v128_and(value, splat(A_HIGH)));
        wasm_v128_store(a + i, wasm_v128_and(value, splat(A_FULL)));
    }
}

void split_left(uint32_t* b, uint32_t* second) {
    for (uint32_t i = 0; i < TILE_ELEMENTS; i += 4) {
        const v128_t value = wasm_v128_load(b + i);
        wasm_v128_store(second + i, low_part(value));
        wasm_v128_store(b + i, wasm_v128_and(value, splat(B_HIGH)));
    }
}

// Rule 3 for four rows and eight columns of DST: every sum runs over k ascending, each step rounded.
template <bool two_products>
inline void multiply_block(const uint32_t* a, const uint32_t* second_a, uint32_t* dst, uint32_t row, uint32_t column,
                           bool is_32_bit) {
    v128_t sum[BLOCK_ROWS][2];
    for (uint32_t i = 0; i < BLOCK_ROWS; i++)
        for (uint32_t h = 0; h < 2; h++) sum[i][h] = wasm_v128_load(dst + (row + i) * 32 + column + 4 * h);
#pragma clang loop unroll_count(4)
    for (uint32_t k = 0; k < 32; k++) {
        const v128_t a0 = wasm_v128_load(a + k * 32 + column), a1 = wasm_v128_load(a + k * 32 + column + 4);
        for (uint32_t i = 0; i < BLOCK_ROWS; i++) {
            const v128_t b = wasm_v128_load32_splat(left + (row + i) * 32 + k);
            sum[i][0] = wasm_f32x4_add(sum[i][0], wasm_f32x4_mul(a0, b));
            sum[i][1] = wasm_f32x4_add(sum[i][1], wasm_f32x4_mul(a1, b));
        }
        if constexpr (two_products) {
            const v128_t c0 = wasm_v128_load(second_a + k * 32 + column), c1 = wasm_v128_load(second_a + k * 32 + column + 4);
            for (uint32_t i = 0; i < BLOCK_ROWS; i++) {
                const v128_t b = wasm_v128_load32_splat(second_left + (row + i) * 32 + k);
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
void multiply(const uint32_t* a, const uint32_t* second_a, uint32_t* dst) {
    const bool is_32_bit = processor().fp32_dest;
    for (uint32_t row = 0; row < TILE_ROWS; row += BLOCK_ROWS)
        for (uint32_t column = 0; column < TILE_COLUMNS; column += 8)
            multiply_block<two_products>(a, second_a, dst, row, column, is_32_bit);
}

void read_right(const MatmulBlock& block, uint32_t mask, bool two_products) {
    for (uint32_t c = 0; c < block.columns; c++) {
        unpack_operand(block.in1.format, block.in1.address + c * block.stride1, right[c], mask);
        if (block.transpose) simd_transpose_faces(right[c], true, true);
        if (two_products) split_right(right[c], second_right[c]);
    }
}

}  // namespace

// Each tile of operand 1 is unpacked once for all rows, each of operand 0 once for all columns.
void simd_matmul(const MatmulBlock& block, uint32_t* dst) {
    const uint8_t fidelity = processor().math_fidelity;
    const bool two_products = fidelity == HIFI3;
    const FidelityMasks mask = masks_of(fidelity);
    read_right(block, mask.a, two_products);
    for (uint32_t r = 0; r < block.rows; r++) {
        unpack_operand(block.in0.format, block.in0.address + r * block.stride0, left, mask.b);
        if (two_products) split_left(left, second_left);
        for (uint32_t c = 0; c < block.columns; c++, dst += TILE_ELEMENTS) {
            if (two_products) multiply<true>(right[c], second_right[c], dst);
            else multiply<false>(right[c], nullptr, dst);
        }
    }
}

}  // namespace tthal::tensix
