// Tile operations as SIMD, equal bit for bit to what backends/tthal_emulator/tensix defines in numpy, in both grades.
#pragma once

#include "simd.h"

namespace tthal::tensix {

constexpr bool simd_unpacks(uint8_t format) { return is_simd(format); }
constexpr bool simd_packs(uint8_t format) { return simd_unpacks(format); }
constexpr bool simd_row_major(uint8_t format) { return format == FLOAT32 || format == FLOAT16_B; }

// A tile in L1 as the unpacker sees it.
struct Tile {
    uint8_t format;
    uint32_t address;
};

void simd_copy(const Tile& tile, uint32_t* dst, uint32_t copy_flags);
void simd_transpose(const Tile& tile, uint32_t* dst);
void simd_unary_broadcast(Broadcast broadcast, const Tile& tile, uint32_t* dst);
void simd_tilize(const Tile& block, uint32_t tiles, uint32_t tile, uint32_t* dst, bool fast);
void simd_transpose_faces(uint32_t* tile, bool swap_faces, bool within_faces);

// The operands of an elementwise operation as patterns, row-major, denormals as +0.
extern uint32_t operand_a[TILE_ELEMENTS], operand_b[TILE_ELEMENTS];

// The exact grade of an operation on them; `from_zero` says that DST holds zeros.
void exact_combine(BinaryOperation operation, uint32_t* dst, bool accumulate, bool from_zero);

void simd_binary(BinaryOperation operation, Broadcast broadcast, uint32_t row, const Tile& a, const Tile& b, uint32_t* dst,
                 bool accumulate, bool fresh);
void simd_reuse_dest(BinaryOperation operation, bool dst_to_srcb, const Tile& tile, uint32_t* dst);

// Sums and averages only. `fresh` is the tile's part of Dst::fresh.
bool simd_reduces(Pool pool, Dimension dimension, uint8_t data_format, uint8_t scaler_format);
void simd_reduce(Dimension dimension, const Tile& data, const Tile& scaler, uint32_t* dst, uint8_t (*fresh)[2]);

void simd_pack(uint8_t format, const uint32_t* dst, uint32_t address, const Packer& packer);
void simd_pack_rows(uint8_t format, const uint32_t* dst, uint32_t address, uint32_t row_bytes, uint32_t rows,
                    uint32_t columns, const Packer& packer);

}  // namespace tthal::tensix
