// Tiles of patterns in place: faces and squares transposed.
#include "tile_math.h"

namespace tthal::tensix {

namespace {

constexpr uint32_t FACE = 16;

inline void transpose_4x4(uint32_t* top, uint32_t stride, v128_t (&out)[4]) {
    const v128_t a = wasm_v128_load(top), b = wasm_v128_load(top + stride);
    const v128_t c = wasm_v128_load(top + 2 * stride), d = wasm_v128_load(top + 3 * stride);
    const v128_t ab_low = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), ab_high = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7);
    const v128_t cd_low = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5), cd_high = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
    out[0] = wasm_i32x4_shuffle(ab_low, cd_low, 0, 1, 4, 5);
    out[1] = wasm_i32x4_shuffle(ab_low, cd_low, 2, 3, 6, 7);
    out[2] = wasm_i32x4_shuffle(ab_high, cd_high, 0, 1, 4, 5);
    out[3] = wasm_i32x4_shuffle(ab_high, cd_high, 2, 3, 6, 7);
}

inline void store_4x4(uint32_t* top, const v128_t (&rows)[4]) {
    for (uint32_t i = 0; i < 4; i++) wasm_v128_store(top + i * TILE_COLUMNS, rows[i]);
}

// Transposes a square of the tile in place, block by block.
void transpose_square(uint32_t* corner, uint32_t side) {
    for (uint32_t row = 0; row < side; row += 4)
        for (uint32_t column = row; column < side; column += 4) {
            uint32_t *above = corner + row * TILE_COLUMNS + column, *below = corner + column * TILE_COLUMNS + row;
            v128_t upper[4], lower[4];
            transpose_4x4(above, TILE_COLUMNS, upper);
            transpose_4x4(below, TILE_COLUMNS, lower);
            store_4x4(below, upper);
            store_4x4(above, lower);
        }
}

void swap_faces(uint32_t* tile) {
    for (uint32_t row = 0; row < FACE; row++)
        for (uint32_t column = 0; column < FACE; column += 4) {
            uint32_t *right = tile + row * TILE_COLUMNS + FACE + column,
                     *below = tile + (FACE + row) * TILE_COLUMNS + column;
            const v128_t held = wasm_v128_load(right);
            wasm_v128_store(right, wasm_v128_load(below));
            wasm_v128_store(below, held);
        }
}

}  // namespace

void simd_rearrange(uint32_t* tile, const Rearrangement& how) {
    if (how.transpose_faces && how.transpose_within_face) return transpose_square(tile, TILE_ROWS);
    if (how.transpose_faces) return swap_faces(tile);
    if (how.transpose_within_face)
        for (uint32_t face = 0; face < 4; face++)
            transpose_square(tile + (face >> 1) * FACE * TILE_COLUMNS + (face & 1) * FACE, FACE);
}

}  // namespace tthal::tensix
