// What the units are set up for and what the buffers hold: whether an operation may run, and who carries it out: SIMD the
// formats it knows, the host the rest.
#pragma once

#define TTHAL_COMPUTE
#include "host_tiles.h"
#include "tile_math.h"
#include "tthal/dataflow/circular_buffers.h"

namespace tthal::tensix {

constexpr uint8_t NOT_CONFIGURED = 0xFF, INT32 = 8, UINT32 = 24;

// By FormatUnit: the format that it is set up for.
extern uint8_t set_up[3];

inline const TileFormat& format_of(uint32_t cb) {
    circular_buffer(cb);
    const TileFormat& tile = processor().tiles[cb];
    if (tile.format == NOT_CONFIGURED) misuse(Misuse::TILE_FORMAT, cb, tile.format);
    return tile;
}

// Both are 32 bits that nothing converts.
inline uint8_t hardware_format(uint32_t cb) {
    const uint8_t format = format_of(cb).format;
    return format == UINT32 ? INT32 : format;
}

inline bool fits(FormatUnit unit, uint32_t cb) {
    const uint8_t configured = set_up[static_cast<uint32_t>(unit)];
    return configured == NOT_CONFIGURED || configured == hardware_format(cb);
}

inline void require(FormatUnit unit, uint32_t cb) {
    if (!fits(unit, cb))
        misuse(
            Misuse::FORMAT_SETUP, cb,
            FormatSetup{.unit = static_cast<uint32_t>(unit), .format = set_up[static_cast<uint32_t>(unit)]}.packed());
}

// Observers hear of an operation that another set-up than its own precedes, or of whose thread nothing was configured.
inline void miss(uint32_t set_up, uint32_t place) {
    announce(MonitorEvent::SET_UP_MISSING, place, 0, selection.set_up, set_up);
}
// Operations whose operands in SrcA are tiles.
constexpr bool reads_tiles(SetUp kind) {
    return kind == SetUp::COPY || kind == SetUp::BINARY || kind == SetUp::MATMUL || kind == SetUp::REDUCE ||
           kind == SetUp::TRANSPOSE;
}
inline void needs(uint32_t set_up, uint32_t place) {
    if (!is_observed()) return;
    if (!(started & UNPACK_STARTED)) return miss(set_up_for(SetUp::STARTUP), place);
    if (selection.set_up != set_up && selection.set_up != set_up_for(SetUp::ANY)) return miss(set_up, place);
    if (unpacker != SetUp::NONE && reads_tiles(static_cast<SetUp>(set_up & 0xFF)))
        miss(set_up_for(SetUp::UNINIT, unpacker), place);
}

// The same of one that packs the tile in a slot, as tiles (0) or in another way.
inline void packs(uint32_t set_up, uint32_t slot, uint32_t place) {
    if (!is_observed()) return;
    if (!(started & PACK_STARTED)) return miss(set_up_for(SetUp::STARTUP), place);
    if (packer.set_up != set_up) miss(set_up == 0 ? set_up_for(SetUp::UNINIT, packer.set_up & 0xFF) : set_up, place);
    if (packer.masks_reductions && !is_reduced(slot)) miss(set_up_for(SetUp::UNINIT, SetUp::REDUCE), place);
}

// Operations whose operand goes to either source register, depending on more than the call says.
inline void require_either(uint32_t cb) {
    if (!fits(FormatUnit::SRC_A, cb)) require(FormatUnit::SRC_B, cb);
}

inline bool full_tile(const TileFormat& tile) {
    return !processor().math_on_host && tile.rows == TILE_ROWS && tile.columns == TILE_COLUMNS && !tile.unpack_to_dest;
}

// 32-bit datums on their way to a 32-bit DST with all their bits.
inline bool unpacks_to_dest(const TileFormat& tile) {
    return tile.unpack_to_dest && processor().fp32_dest && !processor().math_on_host && tile.rows == TILE_ROWS &&
           tile.columns == TILE_COLUMNS;
}

inline bool unpacks(uint32_t cb) {
    const TileFormat& tile = format_of(cb);
    return full_tile(tile) && simd_unpacks(tile.format);
}

// What moves alone can read: nothing is computed.
inline bool moves(uint32_t cb) { return unpacks(cb) || unpacks_to_dest(format_of(cb)); }

inline Tile tile_at(uint32_t cb, uint32_t address) { return {format_of(cb).format, address}; }

// For observers: what an operation reads from L1, what the packer writes, and what changes within DST. `size` in bytes;
// 0: one tile.
inline void announce_operand(TileOperation operation, uint32_t place, uint32_t cb, uint32_t address, uint32_t index,
                             uint32_t size = 0) {
    if (!is_announced(MonitorEvent::TILE_OPERAND)) return;
    announce_often(MonitorEvent::TILE_OPERAND, place, cb, address, static_cast<uint32_t>(operation),
                   size != 0 ? size : format_of(cb).bytes, 0, index);
}

inline void announce_result(TileOperation operation, uint32_t place, uint32_t cb, uint32_t address, uint32_t index,
                            uint32_t size = 0) {
    if (!is_announced(MonitorEvent::TILE_RESULT)) return;
    announce_often(MonitorEvent::TILE_RESULT, place, cb, address, static_cast<uint32_t>(operation),
                   size != 0 ? size : format_of(cb).bytes, packer.l1_accumulate, index);
}

inline void announce_packed(uint32_t place, uint32_t index, uint32_t slot) {
    if (is_announced(MonitorEvent::DST_UNWRITTEN) && is_fresh(slot)) announce(MonitorEvent::DST_UNWRITTEN, place, index);
}

inline void announce_dst(TileOperation operation, uint32_t place, uint32_t index) {
    if (is_announced(MonitorEvent::TILE_OPERATION)) announce(MonitorEvent::TILE_OPERATION, place, index, 0, static_cast<uint32_t>(operation));
}

}  // namespace tthal::tensix
