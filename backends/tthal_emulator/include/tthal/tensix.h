// The compute processor's matrix path as kernels drive it: DST sections, unpack, tile operations, pack.
// Implemented in runtime/tensix.cpp (control, DST) and runtime/tile_math.cpp (SIMD), or by the host's numpy definition.
#pragma once

#include "tthal/abi.h"

namespace tthal::tensix {

constexpr uint32_t DST_TILES = 16;
constexpr uint32_t TILE_ROWS = 32, TILE_COLUMNS = 32, TILE_ELEMENTS = TILE_ROWS * TILE_COLUMNS;

// DST as float32 patterns, row-major tiles. `fresh` marks row halves that nothing was written to since they were cleared.
struct Dst {
    alignas(16) uint32_t bits[DST_TILES][TILE_ELEMENTS];
    uint8_t fresh[DST_TILES][TILE_ROWS][2];
};

enum class TileOperation : uint32_t {
    COPY,             // a = cb, b = address, c = DST index
    BINARY,           // a = cb 0, b = address 0, c = cb 1, d = address 1, e = DST index, f = BinaryFlags
    MATMUL,           // the same; f = 1 transposes each tile of operand 1
    PACK,             // a = cb, b = address, c = DST index
};

enum class BinaryOperation : uint32_t { ADD, SUB, MUL };
enum class Broadcast : uint32_t { NONE, ROW, COLUMN, SCALAR };

enum BinaryFlags : uint32_t { BINARY_OPERATION = 0x3, BINARY_BROADCAST_SHIFT = 2, BINARY_ACCUMULATE = 0x10 };

// The calls whose order the DST state machine checks; the host knows their names in this order.
enum class DstCall : uint32_t { ACQUIRE, COMMIT, WAIT, RELEASE, MATH, PACK };

void tile_regs_acquire();
void tile_regs_commit();
void tile_regs_wait();
void tile_regs_release();
void acquire_dst();
void release_dst();

void copy_tile(uint32_t cb, uint32_t tile, uint32_t dst);
void binary_tiles(BinaryOperation operation, Broadcast broadcast, uint32_t cb0, uint32_t cb1, uint32_t tile0,
                  uint32_t tile1, uint32_t dst, bool accumulate);
void matmul_tiles(uint32_t cb0, uint32_t cb1, uint32_t tile0, uint32_t tile1, uint32_t dst, bool transpose);
void pack_tile(uint32_t dst, uint32_t cb, bool out_of_order, uint32_t tile);

// What an init call selects and the tile call that follows uses. `operand0` goes to SrcA, `operand1` to SrcB.
struct Selection {
    uint32_t operand0 = 0;
    uint32_t operand1 = 0;
    bool accumulate = false;
    bool transpose = false;
};
extern Selection selection;
void select(const Selection& wanted);

// The formats that unpackers and packer are set up for, by the circular buffers they were set up with.
void configure(uint32_t srca_cb, uint32_t srcb_cb, uint32_t pack_cb);
void configure_srca(uint32_t cb);
void configure_srcb(uint32_t cb);
void configure_pack(uint32_t cb);

}  // namespace tthal::tensix
