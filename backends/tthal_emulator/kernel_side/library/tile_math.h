// What the SIMD forms of tile operations share. They are equal, bit for bit, to what backends/tthal_emulator/tensix defines
// in numpy, in both grades.
#pragma once

#include "simd.h"

namespace tthal::tensix {

constexpr bool simd_unpacks(uint8_t format) { return is_simd(format); }
constexpr bool simd_packs(uint8_t format) { return simd_unpacks(format); }
constexpr bool simd_row_major(uint8_t format) { return format == FLOAT32 || format == FLOAT16_B; }

inline bool is_exact() { return processor().numerics & NUMERICS_EXACT; }

// A tile in L1 as the unpacker sees it.
struct Tile {
    uint8_t format;
    uint32_t address;
};

// In place, whole tiles.
void simd_rearrange(uint32_t* tile, const Rearrangement& how);
void simd_spread(Broadcast broadcast, uint32_t row, uint32_t* tile);

// The operands of an elementwise operation as patterns, row-major, denormals as +0.
extern uint32_t operand_a[TILE_ELEMENTS], operand_b[TILE_ELEMENTS];

// The exact grade of a sum, of operands as patterns; the data of ROW are transposed. `fresh` is the tile's part of
// Dst::fresh. Where it returns false nothing has happened yet.
bool exact_reduce(Dimension dimension, const uint32_t* data, const uint32_t* scaler, uint32_t register_bits,
                  bool cuts_rows, uint32_t* dst, uint8_t (*fresh)[2]);

}  // namespace tthal::tensix
