// Moves into DST, elementwise operations and broadcasts; see tile_math.h.
#include "tile_math.h"

namespace tthal::tensix {

alignas(16) uint32_t operand_a[TILE_ELEMENTS], operand_b[TILE_ELEMENTS];

namespace {

constexpr uint32_t FACE = 16;

bool is_exact() { return processor().numerics & NUMERICS_EXACT; }

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
            uint32_t *right = tile + row * TILE_COLUMNS + FACE + column, *below = tile + (FACE + row) * TILE_COLUMNS + column;
            const v128_t held = wasm_v128_load(right);
            wasm_v128_store(right, wasm_v128_load(below));
            wasm_v128_store(below, held);
        }
}

// Spreads one row, the first column or the first element over the whole tile.
void spread(Broadcast broadcast, uint32_t row, uint32_t* tile) {
    if (broadcast == Broadcast::NONE) return;
    alignas(16) uint32_t line[TILE_COLUMNS];
    __builtin_memcpy(line, tile + row * TILE_COLUMNS, sizeof line);
    const uint32_t first = tile[0];
    for (uint32_t i = 0; i < TILE_ROWS; i++) {
        uint32_t* target = tile + i * TILE_COLUMNS;
        if (broadcast == Broadcast::ROW) {
            __builtin_memcpy(target, line, sizeof line);
            continue;
        }
        const v128_t value = splat(broadcast == Broadcast::COLUMN ? target[0] : first);
        for (uint32_t column = 0; column < TILE_COLUMNS; column += 4) wasm_v128_store(target + column, value);
    }
}

template <typename Operation>
inline void elementwise(uint32_t* dst, Operation operation) {
    const bool is_32_bit = processor().fp32_dest;
    for (uint32_t i = 0; i < TILE_ELEMENTS; i += 4) {
        const v128_t a = wasm_v128_load(operand_a + i), b = wasm_v128_load(operand_b + i);
        wasm_v128_store(dst + i, settle(operation(a, b, wasm_v128_load(dst + i)), is_32_bit));
    }
}

// Rules 3 and 4 on operand_a and operand_b, which are truncated already unless the fidelity is HiFi3.
void combine(BinaryOperation operation, uint32_t* dst, bool accumulate) {
    if (operation != BinaryOperation::MUL) {
        const v128_t flip = splat(operation == BinaryOperation::SUB ? SIGN : 0);
        return elementwise(dst, [=](v128_t a, v128_t b, v128_t old) {
            const v128_t sum = wasm_f32x4_add(a, wasm_v128_xor(b, flip));
            return accumulate ? wasm_f32x4_add(old, sum) : sum;
        });
    }
    if (processor().math_fidelity != HIFI3)
        return elementwise(dst, [](v128_t a, v128_t b, v128_t old) { return wasm_f32x4_add(old, wasm_f32x4_mul(a, b)); });
    elementwise(dst, [](v128_t a, v128_t b, v128_t old) {
        const v128_t first = wasm_f32x4_mul(wasm_v128_and(a, splat(A_FULL)), wasm_v128_and(b, splat(B_HIGH)));
        const v128_t second = wasm_f32x4_mul(wasm_v128_and(a, splat(A_HIGH)), low_part(b));
        return wasm_f32x4_add(wasm_f32x4_add(old, first), second);
    });
}

FidelityMasks masks_for(BinaryOperation operation) {
    const bool whole = is_exact() || operation != BinaryOperation::MUL;
    return whole ? FidelityMasks{~0u, ~0u} : masks_of(processor().math_fidelity);
}

}  // namespace

void simd_transpose_faces(uint32_t* tile, bool faces, bool within_faces) {
    if (faces && within_faces) return transpose_square(tile, TILE_ROWS);
    if (faces) return swap_faces(tile);
    if (within_faces)
        for (uint32_t face = 0; face < 4; face++)
            transpose_square(tile + (face >> 1) * FACE * TILE_COLUMNS + (face & 1) * FACE, FACE);
}

void simd_copy(const Tile& tile, uint32_t* dst, uint32_t copy_flags) {
    if (processor().fp32_dest) unpack(tile.format, tile.address, dst, through_adder);
    else unpack(tile.format, tile.address, dst, [](v128_t bits) { return bits; });
    simd_transpose_faces(dst, copy_flags & COPY_SWAP_FACES, copy_flags & COPY_WITHIN_FACES);
}

void simd_transpose(const Tile& tile, uint32_t* dst) {
    if (processor().fp32_dest) unpack(tile.format, tile.address, dst, through_adder);
    else unpack(tile.format, tile.address, dst, flush_denormals);
    transpose_square(dst, TILE_ROWS);
}

void simd_unary_broadcast(Broadcast broadcast, const Tile& tile, uint32_t* dst) {
    if (broadcast == Broadcast::ROW) unpack(tile.format, tile.address, dst, flush_denormals);
    else unpack(tile.format, tile.address, dst, through_adder);
    spread(broadcast, 0, dst);
}

void simd_tilize(const Tile& block, uint32_t tiles, uint32_t tile, uint32_t* dst, bool fast) {
    const bool wide = processor().fp32_dest, through = wide && !fast;
    const uint32_t size = block.format == FLOAT32 ? 4 : 2;
    for (uint32_t row = 0; row < TILE_ROWS; row++)
        for (uint32_t half = 0; half < TILE_COLUMNS; half += FACE) {
            const uint32_t from = block.address + ((row * tiles + tile) * TILE_COLUMNS + half) * size;
            v128_t datums[4];
            if (size == 4) unpack_float32(reinterpret_cast<const uint32_t*>(from), wide, datums);
            else unpack_bfloat16(reinterpret_cast<const uint16_t*>(from), datums);
            for (uint32_t i = 0; i < 4; i++) {
                const v128_t value = through ? through_adder(datums[i]) : fast ? flush_denormals(datums[i]) : datums[i];
                wasm_v128_store(dst + row * TILE_COLUMNS + half + 4 * i, value);
            }
        }
}

void simd_binary(BinaryOperation operation, Broadcast broadcast, uint32_t row, const Tile& a, const Tile& b, uint32_t* dst,
                 bool accumulate, bool fresh) {
    const FidelityMasks mask = masks_for(operation);
    unpack_operand(a.format, a.address, operand_a, mask.a);
    unpack_operand(b.format, b.address, operand_b, mask.b);
    spread(broadcast, row, operand_b);
    if (is_exact()) exact_combine(operation, dst, accumulate, fresh);
    else combine(operation, dst, accumulate);
}

// DST is cut to the operand's register format on its way to SrcA or SrcB (numerics.md §4.8).
void simd_reuse_dest(BinaryOperation operation, bool dst_to_srcb, const Tile& tile, uint32_t* dst) {
    const FidelityMasks mask = masks_for(operation);
    uint32_t *from_dst = dst_to_srcb ? operand_b : operand_a, *from_l1 = dst_to_srcb ? operand_a : operand_b;
    const uint32_t register_bits = tile.format == FLOAT32 && processor().fp32_dest ? TF32 : BFLOAT16;
    const v128_t kept = splat(register_bits & (dst_to_srcb ? mask.b : mask.a));
    unpack_operand(tile.format, tile.address, from_l1, dst_to_srcb ? mask.a : mask.b);
    for (uint32_t i = 0; i < TILE_ELEMENTS; i += 4) {
        wasm_v128_store(from_dst + i, wasm_v128_and(flush_denormals(wasm_v128_load(dst + i)), kept));
        wasm_v128_store(dst + i, splat(0));
    }
    if (is_exact()) exact_combine(operation, dst, false, true);
    else combine(operation, dst, false);
}

}  // namespace tthal::tensix
