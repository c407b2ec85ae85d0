// Moves into DST and within it: copies, transpositions, broadcasts, tilizing.
#include "spread.h"
#include "units.h"

namespace tthal::tensix {

namespace {

constexpr uint32_t FACE = 16;

// What a move does to datums on their way.
constexpr auto KEPT = [](auto bits) { return bits; };
constexpr auto FLUSHED = [](auto bits) { return flush_denormals(bits); };
constexpr auto ADDED = [](auto bits) { return through_adder(bits); };

// A tile into DST: what goes there directly as it is, anything else by way of SrcA. Out of line, as each is long: it
// knows all formats.
template <typename Map>
[[gnu::noinline]] void move(uint32_t cb, uint32_t address, uint32_t* dst, Map map) {
    const TileFormat& tile = format_of(cb);
    if (!tile.unpack_to_dest) return unpack(tile.format, address, dst, map);
    const uint32_t* datums = reinterpret_cast<const uint32_t*>(address);
    for_each_face_row(
        [&](uint32_t from, uint32_t to) { __builtin_memcpy(dst + to, datums + from, FACE * sizeof *dst); });
}

void simd_copy(uint32_t cb, uint32_t address, uint32_t* dst, const Rearrangement& how) {
    processor().fp32_dest ? move(cb, address, dst, ADDED) : move(cb, address, dst, KEPT);
    simd_rearrange(dst, how);
}

void simd_transpose(uint32_t cb, uint32_t address, uint32_t* dst) {
    processor().fp32_dest ? move(cb, address, dst, ADDED) : move(cb, address, dst, FLUSHED);
    simd_rearrange(dst, {true, true});
}

void simd_unary_broadcast(Broadcast broadcast, uint32_t cb, uint32_t address, uint32_t* dst) {
    broadcast == Broadcast::ROW ? move(cb, address, dst, FLUSHED) : move(cb, address, dst, ADDED);
    simd_spread(broadcast, 0, dst);
}

// `read` delivers 16 datums of `size` bytes, `map` makes of them what goes to DST.
template <typename Read, typename Map>
void tilize_rows(const Tile& block, uint32_t size, uint32_t tiles, uint32_t tile, uint32_t* dst, Read read, Map map) {
    for (uint32_t row = 0; row < TILE_ROWS; row++)
        for (uint32_t half = 0; half < TILE_COLUMNS; half += FACE) {
            const uint32_t from = block.address + ((row * tiles + tile) * TILE_COLUMNS + half) * size;
            Row datums;
            map_row(datums, read(reinterpret_cast<const uint8_t*>(from)), map);
            store_row(dst + row * TILE_COLUMNS + half, datums);
        }
}

void simd_tilize(const Tile& block, uint32_t tiles, uint32_t tile, uint32_t* dst, bool fast) {
    const bool wide = processor().fp32_dest, through = wide && !fast;
    const auto map = [=](auto bits) { return through ? through_adder(bits) : fast ? flush_denormals(bits) : bits; };
    const auto in_l1 = [](const uint8_t* from) { return reinterpret_cast<const uint16_t*>(from); };
    if (block.format == FLOAT32)
        tilize_rows(block, 4, tiles, tile, dst, [=](const uint8_t* from) { return read_float32(from, wide); }, map);
    else tilize_rows(block, 2, tiles, tile, dst, in_l1, map);
}

}  // namespace

void copy_tile(uint32_t cb, uint32_t tile, uint32_t index, uint32_t place) {
    require(FormatUnit::SRC_A, cb);
    const uint32_t address = front_tile_address(cb, tile), target = math_slot(index);
    needs(set_up_for(SetUp::COPY), place);
    announce_operand(TileOperation::COPY, place, cb, address, index);
    if (!moves(cb)) return host_copy(cb, address, target, selection.copy);
    simd_copy(cb, address, dst.bits[target], selection.copy);
    written(target);
}

void transpose_tile(uint32_t cb, uint32_t tile, uint32_t index, uint32_t place) {
    require(FormatUnit::SRC_A, cb);
    const uint32_t address = front_tile_address(cb, tile), target = math_slot(index);
    needs(set_up_for(SetUp::TRANSPOSE), place);
    announce_operand(TileOperation::TRANSPOSE, place, cb, address, index);
    if (!moves(cb)) return host_transpose(cb, address, target);
    simd_transpose(cb, address, dst.bits[target]);
    written(target);
}

void spread_column(uint32_t cb, uint32_t tile, uint32_t column, uint32_t index, uint32_t place) {
    require(FormatUnit::SRC_B, cb);
    const uint32_t address = front_tile_address(cb, tile), target = math_slot(index);
    announce_operand(TileOperation::COPY, place, cb, address, index);
    if (moves(cb)) simd_copy(cb, address, dst.bits[target], {});
    else host_copy(cb, address, target, {});
    for (uint32_t row = 0; row < TILE_ROWS; row++) {
        uint32_t* line = dst.bits[target] + row * TILE_COLUMNS;
        const uint32_t value = line[column];
        for (uint32_t i = 0; i < TILE_COLUMNS; i++) line[i] = value;
    }
    written(target);
}

void unary_broadcast(Broadcast broadcast, uint32_t cb, uint32_t tile, uint32_t index, uint32_t place) {
    if (broadcast == Broadcast::NONE) return copy_tile(cb, tile, index, place);
    require_either(cb);
    const uint32_t address = front_tile_address(cb, tile), target = math_slot(index);
    needs(set_up_for(SetUp::UNARY_BROADCAST, broadcast), place);
    announce_operand(TileOperation::UNARY_BROADCAST, place, cb, address, index);
    if (!moves(cb)) return host_unary_broadcast(cb, address, target, broadcast);
    simd_unary_broadcast(broadcast, cb, address, dst.bits[target]);
    written(target);
}

void tilize_tile(uint32_t cb, uint32_t tiles, uint32_t first, uint32_t tile, uint32_t index, bool fast,
                 uint32_t place) {
    require(FormatUnit::SRC_A, cb);
    const TileFormat& format = format_of(cb);
    // A block of `tiles` tiles is as many rows as a tile is high; `first` counts tiles over blocks.
    const uint32_t block = front_tile_address(cb, 0) + first / tiles * tiles * format.bytes;
    needs(tilize_set_up(tiles), place);
    announce_operand(TileOperation::TILIZE, place, cb, block, index, tiles * format.bytes);
    const uint32_t column = first % tiles + tile, target = math_slot(index);
    if (!unpacks(cb) || !simd_row_major(format.format) || column >= tiles)
        return host_tilize(cb, block, target, tiles, column, fast);
    simd_tilize(tile_at(cb, block), tiles, column, dst.bits[target], fast);
    written(target);
}

void transpose_dest(uint32_t index, bool is_32_bit, bool faces, uint32_t place) {
    const uint32_t target = math_slot(index);
    announce_dst(TileOperation::TRANSPOSE_DEST, place, index);
    if (is_32_bit != processor().fp32_dest || !(is_32_bit || faces))
        return host_transpose_dest(target, is_32_bit, faces);
    simd_rearrange(dst.bits[target], {faces, true});
}

void copy_dest(uint32_t from, uint32_t to, uint32_t place) {
    const uint32_t source = math_slot(from), target = math_slot(to);
    announce_dst(TileOperation::COPY, place, to);
    __builtin_memmove(dst.bits[target], dst.bits[source], sizeof dst.bits[target]);
    written(target);
}

}  // namespace tthal::tensix
