// The compute processor's matrix path as kernels drive it: DST sections, unpack, tile operations, pack.
// Implemented in library/tensix.cpp and dst.cpp (control, DST) and library/tile_*.cpp (SIMD), or by the host's numpy
// definition.
#pragma once

#include "tthal/border/monitor.h"

namespace tthal::tensix {

constexpr uint32_t DST_TILES = 16;
constexpr uint32_t TILE_ROWS = 32, TILE_COLUMNS = 32, TILE_ELEMENTS = TILE_ROWS * TILE_COLUMNS;

// DST as float32 patterns, row-major tiles. `fresh` marks row halves that nothing was written to since they were cleared.
struct Dst {
    alignas(16) uint32_t bits[DST_TILES][TILE_ELEMENTS];
    uint8_t fresh[DST_TILES][TILE_ROWS][2];
};

// What the host carries out; backends/tthal_emulator/tile_operations.py is the host's half.
enum class TileOperation : uint32_t {
    COPY,            // a = cb, b = address, c = slot, d = CopyFlags
    BINARY,          // a = cb 0, b = address 0, c = cb 1, d = address 1, e = slot, f = BinaryFlags, bcast row << 8
    MATMUL,          // the same; e = slot | row stride of operand 0 in tiles << 8; f = transpose | fidelity << 4 | rt << 8 | ct << 16
    PACK,            // a = cb, b = address, c = slot, d = PackFlags
    TRANSPOSE,       // a = cb, b = address, c = slot
    TILIZE,          // a = cb, b = address of the row-major block, c = slot, d = tiles of the block, e = tile, f = fast
    UNARY_BROADCAST, // a = cb, b = address, c = slot, d = Broadcast
    TRANSPOSE_DEST,  // a = slot, b = 32 bit, c = faces too
    REUSE_DEST,      // a = cb, b = address, c = slot, d = BinaryOperation, e = DST goes to SrcB
    REDUCE,          // a = cb, b = address, c = scaler cb, d = scaler address, e = slot, f = Pool | Dimension << 2
    PACK_UNTILIZE,   // a = cb, b = address of the row-major block, c = slot, d = PackFlags, e = tiles | full tiles << 16,
                     // f = first tile | rows << 16 | columns << 24 (0: as the buffer's tiles)
    TILIZE_REDUCE,   // as REDUCE of a tile of a row-major block; c = scaler cb | tiles of the block << 8 | tile << 20
};

enum class BinaryOperation : uint32_t { ADD, SUB, MUL };
enum class Broadcast : uint32_t { NONE, ROW, COLUMN, SCALAR };
enum class Pool : uint32_t { SUM, AVERAGE, MAXIMUM };
enum class Dimension : uint32_t { ROW, COLUMN, SCALAR };

enum CopyFlags : uint32_t { COPY_SWAP_FACES = 1, COPY_WITHIN_FACES = 2 };
enum BinaryFlags : uint32_t { BINARY_OPERATION = 0x3, BINARY_BROADCAST_SHIFT = 2, BINARY_ACCUMULATE = 0x10 };
enum PackFlags : uint32_t { PACK_RELU = 0x3, PACK_EDGE_SHIFT = 2, PACK_L1_ACCUMULATE = 0x10, PACK_THRESHOLD_SHIFT = 16 };

// What the packer keeps of a tile after reduce_init; the rest becomes +0.
enum class EdgeMask : uint32_t { NONE, COLUMN_0, ROW_0, ELEMENT_0 };

// ---- sections of DST

void tile_regs_acquire(uint32_t place = site());
void tile_regs_commit(uint32_t place = site());
void tile_regs_wait(uint32_t place = site());
void tile_regs_release(uint32_t place = site());
void acquire_dst(uint32_t place = site());
void release_dst(uint32_t place = site());

uint32_t dst_capacity();

// A tile of the section that MATH (or PACK) owns, for the SFPU: TILE_ELEMENTS patterns, row by row.
uint32_t* math_tile(uint32_t dst);
uint32_t* pack_thread_tile(uint32_t dst);
// The patterns at the same place as `math_tile`, for code that addresses DST as a whole; tile 0 of MATH's section.
uint32_t* math_section();
// Whether the statement that runs is one of PACK((…)); then math_tile() is a tile of PACK's section.
extern bool in_pack_thread;
// Where PACK's section begins, in rows of a 16-bit DST.
uint32_t pack_section_row();
constexpr uint32_t DST_BASE_SETTING = 1;  // the register of a thread that says where its operations find DST
// Whether a 16-bit DST holds float16 instead of bfloat16: SrcA is set up for a format with 5-bit exponents.
bool dst_holds_float16();

// ---- tile operations; circular buffers, tiles from the front, DST indices

void copy_tile(uint32_t cb, uint32_t tile, uint32_t dst, uint32_t place = site());
void transpose_tile(uint32_t cb, uint32_t tile, uint32_t dst, uint32_t place = site());
// Any column of a tile that SrcB holds, over all columns of a DST tile.
void spread_column(uint32_t cb, uint32_t tile, uint32_t column, uint32_t dst, uint32_t place = site());
// All of DST becomes zero, whoever owns it.
void clear_dst();
void unary_broadcast(Broadcast broadcast, uint32_t cb, uint32_t tile, uint32_t dst, uint32_t place = site());
void binary_tiles(BinaryOperation operation, Broadcast broadcast, uint32_t cb0, uint32_t cb1, uint32_t tile0,
                  uint32_t tile1, uint32_t dst, bool accumulate, uint32_t row = 0, uint32_t place = site());
void reuse_dest(BinaryOperation operation, bool dst_to_srcb, uint32_t cb, uint32_t tile, uint32_t dst, uint32_t place = site());
void matmul_block(uint32_t cb0, uint32_t cb1, uint32_t tile0, uint32_t tile1, uint32_t dst, bool transpose,
                  uint32_t columns, uint32_t rows, uint32_t row_stride, uint32_t place = site());
void reduce_tile(Pool pool, Dimension dimension, uint32_t cb, uint32_t scaler_cb, uint32_t tile, uint32_t scaler,
                 uint32_t dst, uint32_t place = site());
// The same of one tile of a row-major block, as high as the buffer's tiles and `tiles` tiles wide.
void reduce_rows_tile(Pool pool, Dimension dimension, uint32_t cb, uint32_t scaler_cb, uint32_t tiles, uint32_t tile,
                      uint32_t scaler, uint32_t dst, uint32_t place = site());
// One tile of a row-major block of `tiles` tiles; `first` names the block's first tile as tilize_block counts.
void tilize_tile(uint32_t cb, uint32_t tiles, uint32_t first, uint32_t tile, uint32_t dst, bool fast, uint32_t place = site());
void transpose_dest(uint32_t dst, bool is_32_bit, bool faces, uint32_t place = site());
void copy_dest(uint32_t from, uint32_t to, uint32_t place = site());

// ---- packer

void pack_tile(uint32_t dst, uint32_t cb, bool out_of_order, uint32_t tile, uint32_t place = site());

// Where DST tiles go in a row-major block of `full` tiles that begins `offset` bytes behind the write pointer.
struct Untilize {
    uint32_t tiles, full, first, offset = 0;
    uint32_t rows = 0, columns = 0;  // of each tile that are written; 0: as the buffer's tiles
};
void pack_untilize(uint32_t dst, uint32_t cb, const Untilize& where, uint32_t place = site());

struct Packer {
    uint32_t relu_mode = 0, threshold = 0;
    EdgeMask edge_mask = EdgeMask::NONE;
    bool l1_accumulate = false;
    uint32_t tiles_per_call = 1;
};
extern Packer packer;

// What an init call selects and the tile call that follows uses. `operand0` goes to SrcA, `operand1` to SrcB.
struct Selection {
    uint32_t operand0 = 0;
    uint32_t operand1 = 0;
    bool accumulate = false;
    bool transpose = false;
    uint32_t copy = 0;  // CopyFlags
    uint32_t column_stride = 1;  // how many tiles the columns of a block's second operand lie apart
};
extern Selection selection;
void select(const Selection& wanted);

// The formats that unpackers and packer are set up for, by the circular buffers they were set up with. Using one of them
// on a buffer of another format is an error: the hardware would read or write garbage.
void configure(uint32_t srca_cb, uint32_t srcb_cb, uint32_t pack_cb);
void configure_srca(uint32_t cb);
void configure_srcb(uint32_t cb);
void configure_pack(uint32_t cb);
bool same_format(uint32_t cb, uint32_t other);

}  // namespace tthal::tensix
