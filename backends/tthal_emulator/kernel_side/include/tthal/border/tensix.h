// The compute processor's matrix path as kernels drive it: DST sections, unpack, tile operations, pack.
// Implemented in library/dst.cpp (sections), units.cpp (set-up) and tile_*.cpp (SIMD), or by the host's numpy definition.
#pragma once

#include "tthal/border/monitor.h"
#include "tthal/border/tile_codes.h"

namespace tthal::tensix {

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
// The same only to be looked at: it counts as read, not as written.
const uint32_t* look_at_tile(uint32_t dst);
// The patterns at the same place as `math_tile`, for code that addresses DST as a whole; tile 0 of MATH's section.
uint32_t* math_section();
// Whether the statement that runs is one of PACK((…)); then math_tile() is a tile of PACK's section.
extern bool in_pack_thread;
// Where PACK's section begins, in rows of a 16-bit DST.
uint32_t pack_section_row();
constexpr uint32_t DST_BASE_SETTING = 1;  // the register of a thread that says where its operations find DST
// Whether a 16-bit DST holds float16 instead of bfloat16: SrcA is set up for a format with 5-bit exponents.
bool dst_holds_float16();

// What a set-up is for, in one number: an observer hears of operations that need another one than is there.
template <typename First, typename Second = uint32_t>
constexpr uint32_t set_up_for(SetUp kind, First first = {}, Second second = {}) {
    return static_cast<uint32_t>(kind) | static_cast<uint32_t>(first) << 8 | static_cast<uint32_t>(second) << 12;
}
constexpr uint32_t set_up_for(SetUp kind) { return static_cast<uint32_t>(kind); }
// Sums and averages are the same to the hardware.
constexpr uint32_t set_up_for(Pool pool, Dimension dimension) {
    return set_up_for(SetUp::REDUCE, pool == Pool::AVG ? Pool::SUM : pool, dimension);
}

// Products of a block keep a tile of the second operand (or of the first, if the block has more rows than columns) for a
// row or column of it: the same program serves all shapes that agree in this, and in whether there are several of both
// (tt-llk, llk_math_matmul.h).
constexpr uint32_t matmul_set_up(uint32_t columns, uint32_t rows) {
    return set_up_for(SetUp::MATMUL, columns < rows, (columns < rows ? columns : rows) > 1);
}
// Widths in tiles.
constexpr uint32_t tilize_set_up(uint32_t width) { return set_up_for(SetUp::TILIZE) | (width & 0xFF) << 16; }
constexpr uint32_t pack_untilize_set_up(uint32_t block, uint32_t full) {
    return set_up_for(SetUp::PACK_UNTILIZE) | (block & 0xFF) << 16 | full << 24;
}

// ---- tile operations; circular buffers, tiles from the front, DST indices

void copy_tile(uint32_t cb, uint32_t tile, uint32_t dst, uint32_t place = site());
void transpose_tile(uint32_t cb, uint32_t tile, uint32_t dst, uint32_t place = site());
// Any column of a tile that SrcB holds, over all columns of a DST tile.
void spread_column(uint32_t cb, uint32_t tile, uint32_t column, uint32_t dst, uint32_t place = site());
// All of DST becomes zero, whoever owns it.
void clear_dst();
void unary_broadcast(Broadcast broadcast, uint32_t cb, uint32_t tile, uint32_t dst, uint32_t place = site());
// Sums or products of two operands; for a difference, the second one's sign is turned over. A kernel is linked with those
// of its grade and operations alone: each takes a while to compile. `from_zero` says that DST holds zeros.
struct Operands;
using Arithmetic = void (*)(const Operands& operands, uint32_t* dst, bool accumulate, bool from_zero);
void exact_add(const Operands& operands, uint32_t* dst, bool accumulate, bool from_zero);
void exact_multiply(const Operands& operands, uint32_t* dst, bool accumulate, bool from_zero);
void fast_add(const Operands& operands, uint32_t* dst, bool accumulate, bool from_zero);
void fast_multiply(const Operands& operands, uint32_t* dst, bool accumulate, bool from_zero);
constexpr Arithmetic arithmetic_of(BinaryOperation operation) {
#if TTHAL_EXACT
    return operation == BinaryOperation::MUL ? exact_multiply : exact_add;
#else
    return operation == BinaryOperation::MUL ? fast_multiply : fast_add;
#endif
}
void binary_tiles(BinaryOperation operation, Arithmetic combine, Broadcast broadcast, uint32_t cb0, uint32_t cb1,
                  uint32_t tile0, uint32_t tile1, uint32_t dst, bool accumulate, uint32_t row, uint32_t place);
inline void binary_tiles(BinaryOperation operation, Broadcast broadcast, uint32_t cb0, uint32_t cb1, uint32_t tile0,
                         uint32_t tile1, uint32_t dst, bool accumulate, uint32_t row = 0, uint32_t place = site()) {
    binary_tiles(operation, arithmetic_of(operation), broadcast, cb0, cb1, tile0, tile1, dst, accumulate, row, place);
}
void reuse_dest(BinaryOperation operation, Arithmetic combine, ReuseDest reuse, uint32_t cb, uint32_t tile,
                uint32_t dst, uint32_t place);
inline void reuse_dest(BinaryOperation operation, ReuseDest reuse, uint32_t cb, uint32_t tile, uint32_t dst,
                       uint32_t place = site()) {
    reuse_dest(operation, arithmetic_of(operation), reuse, cb, tile, dst, place);
}
// `set_up`: of the block that the kernel's call is about.
void matmul_block(uint32_t cb0, uint32_t cb1, uint32_t tile0, uint32_t tile1, uint32_t dst, bool transpose,
                  uint32_t columns, uint32_t rows, uint32_t row_stride, uint32_t set_up, uint32_t place = site());
void reduce_tile(Pool pool, Dimension dimension, uint32_t cb, uint32_t scaler_cb, uint32_t tile, uint32_t scaler,
                 uint32_t dst, uint32_t place = site());
// The same of one tile of a row-major block, as high as the buffer's tiles and `tiles` tiles wide.
void reduce_rows_tile(Pool pool, Dimension dimension, uint32_t cb, uint32_t scaler_cb, uint32_t tiles, uint32_t tile,
                      uint32_t scaler, uint32_t dst, uint32_t place = site());
// One tile of a row-major block of `tiles` tiles; `first` names the block's first tile as tilize_block counts.
void tilize_tile(uint32_t cb, uint32_t tiles, uint32_t first, uint32_t tile, uint32_t dst, bool fast,
                 uint32_t place = site());
// The first `tiles` tiles of DST to one number; the buffers say how SrcA and SrcB are set up.
void sum_dest(uint32_t srca_cb, uint32_t srcb_cb, uint32_t tiles, float scaler, uint32_t place = site());
void transpose_dest(uint32_t dst, bool is_32_bit, bool faces, uint32_t place = site());
void copy_dest(uint32_t from, uint32_t to, uint32_t place = site());

// ---- packer

void pack_tile(uint32_t dst, uint32_t cb, bool out_of_order, uint32_t tile, uint32_t place = site());

// Where DST tiles go in a row-major block of `full` tiles that begins `offset` bytes behind the write pointer.
struct Untilize {
    uint32_t tiles, full, first, offset = 0;
    uint32_t rows = 0, columns = 0;  // of each tile that are written; 0: as the buffer's tiles
    uint32_t set_up = 0;             // that the packer needs; 0: that for tiles, which the unpacker made rows of
};
void pack_untilize(uint32_t dst, uint32_t cb, const Untilize& where, uint32_t place = site());
// The first `rows` rows of a DST tile as DST has them: 16 datums each, face by face, one behind the other.
void pack_rows(uint32_t dst, uint32_t cb, uint32_t address, uint32_t rows, uint32_t place = site());

struct Packer : PackerSettings {
    uint32_t tiles_per_call = 1;
    uint32_t rows_per_call = 0;     // of pack_rows
    uint32_t set_up = 0;            // PACK_UNTILIZE or PACK_ROWS; 0: tiles
    bool masks_reductions = false;  // the edge mask is a reduction's, and no kernel's own
};
extern Packer packer;

// What an init call selects and the tile call that follows uses. `operand0` goes to SrcA, `operand1` to SrcB.
struct Selection {
    uint32_t operand0 = 0;
    uint32_t operand1 = 0;
    bool accumulate = false;
    bool transpose = false;
    Rearrangement copy = {};
    uint32_t column_stride = 1;  // how many tiles the columns of a block's second operand lie apart
    uint32_t set_up = set_up_for(SetUp::ANY);
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

// How the unpacker reads SrcA's operands: TILIZE or TILIZE_REDUCE, or tile by tile (NONE). Initialisations of other
// operations leave it alone (tt-llk, llk_unpack_tilize.h, llk_unpack_A.h), compute_kernel_hw_startup does not.
extern SetUp unpacker;

// What a reduction keeps of the tiles that are packed, until its uninit or a configuration of the packer.
inline void mask_reductions(EdgeMask mask) {
    packer.edge_mask = mask;
    packer.masks_reductions = mask != EdgeMask::NONE;
}

// Which threads compute_kernel_hw_startup, one of the full initialisations before it, or a part of them has configured.
// Initialisations of one operation, and changes of format, do not.
constexpr uint8_t UNPACK_STARTED = 1, PACK_STARTED = 2, ALL_STARTED = UNPACK_STARTED | PACK_STARTED;
extern uint8_t started;

// The parts of compute_kernel_hw_startup: of the unpackers, and of the packer.
void start_unpack(uint32_t srca_cb, uint32_t srcb_cb);
void start_pack(uint32_t cb);

}  // namespace tthal::tensix
