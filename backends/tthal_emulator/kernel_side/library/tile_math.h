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

// In place, a whole tile.
void simd_rearrange(uint32_t* tile, const Rearrangement& how);

// The operands of an elementwise operation as patterns, row-major, denormals as +0.
extern uint32_t operand_a[TILE_ELEMENTS], operand_b[TILE_ELEMENTS];

// What the unpacker keeps of an operand, and which bits of it are turned over.
struct OperandBits {
    uint32_t kept = ~0u, flipped = 0;

    template <typename Lanes>
    Lanes of(Lanes datums) const {
        return flip(keep(flush_denormals(datums), kept), flipped);
    }
};

// Where arithmetic finds its operands: unpacked, or two whole tiles of bfloat16 where they lie in L1.
struct Operands {
    bool in_l1 = false;
    Tile a_tile = {}, b_tile = {};
    OperandBits a_bits = {}, b_bits = {};
};

// Rules 1 and 2: one operand as patterns.
void unpack_operand(const Tile& tile, uint32_t* out, const OperandBits& bits = {});

// Puts operands that lie in L1 where unpacked ones are.
void unpack_operands(const Operands& operands);

// Pairs of rows of 16 datums; `in_tile` counts datums as they lie in L1, `in_dst` as in DST.
struct UnpackedRows {
    static void read(uint32_t, uint32_t in_dst, Row& a, Row& b) {
        for (uint32_t i = 0; i < 4; i++) {
            a[i] = wasm_v128_load(operand_a + in_dst + 4 * i);
            b[i] = wasm_v128_load(operand_b + in_dst + 4 * i);
        }
    }
};

// `MapA` and `MapB` make operands of what lies in L1.
template <typename MapA, typename MapB>
struct RowsInL1 {
    const uint16_t *const a, *const b;
    const MapA map_a;
    const MapB map_b;

    RowsInL1(const Operands& operands, MapA map_a, MapB map_b)
        : a(reinterpret_cast<const uint16_t*>(operands.a_tile.address)),
          b(reinterpret_cast<const uint16_t*>(operands.b_tile.address)),
          map_a(map_a),
          map_b(map_b) {}

    void read(uint32_t in_tile, uint32_t, Row& a_row, Row& b_row) const {
        map_row(a_row, a + in_tile, map_a);
        map_row(b_row, b + in_tile, map_b);
    }
};

// Nothing is kept back of terms, and nothing turned over of factors.
inline auto terms_in_l1(const Operands& operands) {
    return RowsInL1(
        operands, [](UpperHalves a) { return flush_denormals(a); },
        [flipped = operands.b_bits.flipped](UpperHalves b) { return flip(flush_denormals(b), flipped); });
}
inline auto factors_in_l1(const Operands& operands) {
    const auto kept = [](uint32_t mask) {
        return [mask](UpperHalves datums) { return keep(flush_denormals(datums), mask); };
    };
    return RowsInL1(operands, kept(operands.a_bits.kept), kept(operands.b_bits.kept));
}

// The exact grade of a sum, of operands as patterns; the data of ROW are transposed. `fresh` is the tile's part of
// Dst::fresh. Where it returns false nothing has happened yet.
bool exact_reduce(Dimension dimension, const uint32_t* data, const uint32_t* scaler, uint32_t register_bits,
                  bool cuts_rows, uint32_t* dst, uint8_t (*fresh)[2]);

}  // namespace tthal::tensix
