// The dispatch of tile operations: SIMD for the formats it knows, the host for the rest.
#define TTHAL_COMPUTE
#include "tthal/border/tensix.h"

#include "dst.h"
#include "tile_math.h"
#include "tthal/dataflow/circular_buffers.h"

namespace tthal::tensix {

Selection selection;
Packer packer;

namespace {

constexpr uint8_t NOT_CONFIGURED = 0xFF, INT32 = 8, UINT32 = 24;

uint8_t set_up[3] = {NOT_CONFIGURED, NOT_CONFIGURED, NOT_CONFIGURED};

const TileFormat& format_of(uint32_t cb) {
    circular_buffer(cb);
    const TileFormat& tile = processor().tiles[cb];
    if (tile.format == NOT_CONFIGURED) misuse(Misuse::TILE_FORMAT, cb, tile.format);
    return tile;
}

// Both are 32 bits that nothing converts.
uint8_t hardware_format(uint32_t cb) {
    const uint8_t format = format_of(cb).format;
    return format == UINT32 ? INT32 : format;
}

void configure_unit(FormatUnit unit, uint32_t cb) { set_up[static_cast<uint32_t>(unit)] = hardware_format(cb); }

bool fits(FormatUnit unit, uint32_t cb) {
    const uint8_t configured = set_up[static_cast<uint32_t>(unit)];
    return configured == NOT_CONFIGURED || configured == hardware_format(cb);
}

void require(FormatUnit unit, uint32_t cb) {
    if (!fits(unit, cb))
        misuse(Misuse::FORMAT_SETUP, cb,
               FormatSetup{.unit = static_cast<uint32_t>(unit), .format = set_up[static_cast<uint32_t>(unit)]}.packed());
}

// Operations whose operand goes to either source register, depending on more than the call says.
void require_either(uint32_t cb) {
    if (!fits(FormatUnit::SRC_A, cb)) require(FormatUnit::SRC_B, cb);
}

bool full_tile(const TileFormat& tile) {
    return !processor().math_on_host && tile.rows == TILE_ROWS && tile.columns == TILE_COLUMNS && !tile.unpack_to_dest;
}

bool is_exact() { return processor().numerics & NUMERICS_EXACT; }

bool unpacks(uint32_t cb) {
    const TileFormat& tile = format_of(cb);
    return full_tile(tile) && simd_unpacks(tile.format);
}

bool is_factor(const TileFormat& tile) {
    const bool on_this_chip = tile.format != FP8_E4M3 || processor().numerics & NUMERICS_BLACKHOLE;
    return full_tile(tile) && tthal::is_multiplied(tile.format) && on_this_chip && (processor().fp32_dest || !is_integer(tile.format));
}

// Whether compiled code beside the kernel multiplies tiles of two buffers. The fast grade knows the formats that SIMD
// knows, the exact one all pairs that the matrix unit does.
bool multiplies(uint32_t cb0, uint32_t cb1) {
    if (!is_exact()) return unpacks(cb0) && unpacks(cb1);
    const TileFormat &left = format_of(cb0), &right = format_of(cb1);
    if (!is_factor(left) || !is_factor(right)) return false;
    return is_integer(left.format) == is_integer(right.format) &&
           has_five_bit_exponent(left.format) == has_five_bit_exponent(right.format);
}

// Whether nothing was written to a tile of DST: then it holds zeros.
bool is_fresh(uint32_t tile) {
    uint8_t all = 1;
    for (const auto& row : dst.fresh[tile]) all &= row[0] & row[1];
    return all;
}

Tile tile_at(uint32_t cb, uint32_t address) { return {format_of(cb).format, address}; }

void on_host(TileOperation operation, uint32_t a, uint32_t b, uint32_t c, uint32_t d = 0, uint32_t e = 0, uint32_t f = 0) {
    compiler_barrier();
    tthal_host_tile(static_cast<uint32_t>(operation), reinterpret_cast<uintptr_t>(&dst), a, b, c, d, e, f);
    compiler_barrier();
}

uint32_t pack_flags() {
    return packer.relu_mode | static_cast<uint32_t>(packer.edge_mask) << PACK_EDGE_SHIFT |
           (packer.l1_accumulate ? PACK_L1_ACCUMULATE : 0) | packer.threshold << PACK_THRESHOLD_SHIFT;
}

// `size` in bytes; 0: one tile.
void announce_operand(TileOperation operation, uint32_t place, uint32_t cb, uint32_t address, uint32_t index, uint32_t size = 0) {
    if (!is_observed()) return;
    announce(MonitorEvent::TILE_OPERAND, place, cb, address, static_cast<uint32_t>(operation),
             size != 0 ? size : format_of(cb).bytes, 0, index);
}

void announce_result(TileOperation operation, uint32_t place, uint32_t cb, uint32_t address, uint32_t index, uint32_t size = 0) {
    if (!is_observed()) return;
    announce(MonitorEvent::TILE_RESULT, place, cb, address, static_cast<uint32_t>(operation),
             size != 0 ? size : format_of(cb).bytes, 0, index);
}

// A tile operation within DST.
void announce_dst(TileOperation operation, uint32_t place, uint32_t index) {
    if (is_observed()) announce(MonitorEvent::TILE_OPERATION, place, index, 0, static_cast<uint32_t>(operation));
}

}  // namespace

void select(const Selection& wanted) { selection = wanted; }

void configure(uint32_t srca_cb, uint32_t srcb_cb, uint32_t pack_cb) {
    configure_srca(srca_cb);
    configure_srcb(srcb_cb);
    configure_pack(pack_cb);
}
void configure_srca(uint32_t cb) { configure_unit(FormatUnit::SRC_A, cb); }
void configure_srcb(uint32_t cb) { configure_unit(FormatUnit::SRC_B, cb); }
void configure_pack(uint32_t cb) { configure_unit(FormatUnit::PACKER, cb); }
bool same_format(uint32_t cb, uint32_t other) { return hardware_format(cb) == hardware_format(other); }

bool dst_holds_float16() {
    return !processor().fp32_dest && has_five_bit_exponent(set_up[static_cast<uint32_t>(FormatUnit::SRC_A)]);
}

void copy_tile(uint32_t cb, uint32_t tile, uint32_t index, uint32_t place) {
    require(FormatUnit::SRC_A, cb);
    const uint32_t address = front_tile_address(cb, tile), target = math_slot(index);
    announce_operand(TileOperation::COPY, place, cb, address, index);
    if (!unpacks(cb)) return on_host(TileOperation::COPY, cb, address, target, selection.copy);
    simd_copy(tile_at(cb, address), dst.bits[target], selection.copy);
    written(target);
}

void transpose_tile(uint32_t cb, uint32_t tile, uint32_t index, uint32_t place) {
    require(FormatUnit::SRC_A, cb);
    const uint32_t address = front_tile_address(cb, tile), target = math_slot(index);
    announce_operand(TileOperation::TRANSPOSE, place, cb, address, index);
    if (!unpacks(cb)) return on_host(TileOperation::TRANSPOSE, cb, address, target);
    simd_transpose(tile_at(cb, address), dst.bits[target]);
    written(target);
}

void spread_column(uint32_t cb, uint32_t tile, uint32_t column, uint32_t index, uint32_t place) {
    require(FormatUnit::SRC_B, cb);
    const uint32_t address = front_tile_address(cb, tile), target = math_slot(index);
    announce_operand(TileOperation::COPY, place, cb, address, index);
    if (unpacks(cb)) simd_copy(tile_at(cb, address), dst.bits[target], 0);
    else on_host(TileOperation::COPY, cb, address, target);
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
    announce_operand(TileOperation::UNARY_BROADCAST, place, cb, address, index);
    if (!unpacks(cb)) return on_host(TileOperation::UNARY_BROADCAST, cb, address, target, static_cast<uint32_t>(broadcast));
    simd_unary_broadcast(broadcast, tile_at(cb, address), dst.bits[target]);
    written(target);
}

void binary_tiles(BinaryOperation operation, Broadcast broadcast, uint32_t cb0, uint32_t cb1, uint32_t tile0,
                  uint32_t tile1, uint32_t index, bool accumulate, uint32_t row, uint32_t place) {
    require(FormatUnit::SRC_A, cb0);
    require(FormatUnit::SRC_B, cb1);
    const uint32_t address0 = front_tile_address(cb0, tile0), address1 = front_tile_address(cb1, tile1), target = math_slot(index);
    announce_operand(TileOperation::BINARY, place, cb0, address0, index);
    announce_operand(TileOperation::BINARY, place, cb1, address1, index);
    if (!unpacks(cb0) || !unpacks(cb1) || row >= TILE_ROWS) {
        const uint32_t flags = static_cast<uint32_t>(operation) |
                               static_cast<uint32_t>(broadcast) << BINARY_BROADCAST_SHIFT |
                               (accumulate ? BINARY_ACCUMULATE : 0) | row << 8;
        return on_host(TileOperation::BINARY, cb0, address0, cb1, address1, target, flags);
    }
    simd_binary(operation, broadcast, row, tile_at(cb0, address0), tile_at(cb1, address1), dst.bits[target], accumulate,
                is_fresh(target));
    written(target);
}

void reuse_dest(BinaryOperation operation, bool dst_to_srcb, uint32_t cb, uint32_t tile, uint32_t index, uint32_t place) {
    require_either(cb);
    const uint32_t address = front_tile_address(cb, tile), target = math_slot(index);
    announce_operand(TileOperation::REUSE_DEST, place, cb, address, index);
    if (!unpacks(cb))
        return on_host(TileOperation::REUSE_DEST, cb, address, target, static_cast<uint32_t>(operation), dst_to_srcb);
    simd_reuse_dest(operation, dst_to_srcb, tile_at(cb, address), dst.bits[target]);
    written(target);
}

void matmul_block(uint32_t cb0, uint32_t cb1, uint32_t tile0, uint32_t tile1, uint32_t index, bool transpose,
                  uint32_t columns, uint32_t rows, uint32_t row_stride, uint32_t place) {
    require(FormatUnit::SRC_A, cb1);
    require(FormatUnit::SRC_B, cb0);
    const uint32_t tiles = rows > DST_TILES || columns > DST_TILES ? DST_TILES + 1 : rows * columns;
    if (tiles == 0) return;
    const bool compiled = multiplies(cb0, cb1);
    const uint32_t target = compiled ? product_slot(index, tiles) : math_slot(index, tiles);
    const uint32_t address0 = front_tile_address(cb0, tile0), address1 = front_tile_address(cb1, tile1);
    const uint32_t page0 = page_bytes(cb0), page1 = page_bytes(cb1);
    if (is_observed()) {
        for (uint32_t row = 0; row < rows; row++)
            announce_operand(TileOperation::MATMUL, place, cb0, address0 + row * row_stride * page0, index);
        for (uint32_t column = 0; column < columns; column++)
            announce_operand(TileOperation::MATMUL, place, cb1, address1 + column * page1, index);
    }
    if (compiled) {
        multiply(address0, row_stride * page0, address1, page1, target,
                 ProductShape{format_of(cb0).format, format_of(cb1).format, rows, columns, transpose}.packed());
        for (uint32_t tile = target; tile < target + tiles; tile++) written(tile);
    } else if (page0 == format_of(cb0).bytes && page1 == format_of(cb1).bytes) {
        on_host(TileOperation::MATMUL, cb0, address0, cb1, address1, target | row_stride << 8,
                transpose | processor().math_fidelity << 4 | rows << 8 | columns << 16);
    } else {
        // Tiles that do not lie one behind the other: one at a time.
        for (uint32_t tile = 0; tile < tiles; tile++)
            on_host(TileOperation::MATMUL, cb0, address0 + tile / columns * row_stride * page0, cb1,
                    address1 + tile % columns * page1, (target + tile) | 1 << 8,
                    transpose | processor().math_fidelity << 4 | 1 << 8 | 1 << 16);
    }
}

void reduce_tile(Pool pool, Dimension dimension, uint32_t cb, uint32_t scaler_cb, uint32_t tile, uint32_t scaler,
                 uint32_t index, uint32_t place) {
    require_either(cb);
    require_either(scaler_cb);
    const uint32_t address = front_tile_address(cb, tile), scaler_address = front_tile_address(scaler_cb, scaler), target = math_slot(index);
    announce_operand(TileOperation::REDUCE, place, cb, address, index);
    announce_operand(TileOperation::REDUCE, place, scaler_cb, scaler_address, index);
    const Tile data = tile_at(cb, address), weights = tile_at(scaler_cb, scaler_address);
    if (unpacks(cb) && unpacks(scaler_cb) && !is_exact() && simd_reduces(pool, dimension, data.format, weights.format))
        return simd_reduce(dimension, data, weights, dst.bits[target], dst.fresh[target]);
    on_host(TileOperation::REDUCE, cb, address, scaler_cb, scaler_address, target,
            static_cast<uint32_t>(pool) | static_cast<uint32_t>(dimension) << 2);
}

void reduce_rows_tile(Pool pool, Dimension dimension, uint32_t cb, uint32_t scaler_cb, uint32_t tiles, uint32_t tile,
                      uint32_t scaler, uint32_t index, uint32_t place) {
    require_either(cb);
    require_either(scaler_cb);
    const uint32_t target = math_slot(index);
    announce_operand(TileOperation::TILIZE_REDUCE, place, cb, front_tile_address(cb, 0), index, tiles * format_of(cb).bytes);
    announce_operand(TileOperation::TILIZE_REDUCE, place, scaler_cb, front_tile_address(scaler_cb, scaler), index);
    on_host(TileOperation::TILIZE_REDUCE, cb, front_tile_address(cb, 0), scaler_cb | tiles << 8 | tile << 20,
            front_tile_address(scaler_cb, scaler), target,
            static_cast<uint32_t>(pool) | static_cast<uint32_t>(dimension) << 2);
}

void tilize_tile(uint32_t cb, uint32_t tiles, uint32_t first, uint32_t tile, uint32_t index, bool fast, uint32_t place) {
    require(FormatUnit::SRC_A, cb);
    const TileFormat& format = format_of(cb);
    // A block of `tiles` tiles is as many rows as a tile is high; `first` counts tiles over blocks.
    const uint32_t block = front_tile_address(cb, 0) + first / tiles * tiles * format.bytes;
    announce_operand(TileOperation::TILIZE, place, cb, block, index, tiles * format.bytes);
    const uint32_t column = first % tiles + tile, target = math_slot(index);
    if (!unpacks(cb) || !simd_row_major(format.format) || column >= tiles)
        return on_host(TileOperation::TILIZE, cb, block, target, tiles, column, fast);
    simd_tilize(tile_at(cb, block), tiles, column, dst.bits[target], fast);
    written(target);
}

void transpose_dest(uint32_t index, bool is_32_bit, bool faces, uint32_t place) {
    const uint32_t target = math_slot(index);
    announce_dst(TileOperation::TRANSPOSE_DEST, place, index);
    if (is_32_bit != processor().fp32_dest || !(is_32_bit || faces))
        return on_host(TileOperation::TRANSPOSE_DEST, target, is_32_bit, faces);
    simd_transpose_faces(dst.bits[target], faces, true);
}

void copy_dest(uint32_t from, uint32_t to, uint32_t place) {
    const uint32_t source = math_slot(from), target = math_slot(to);
    announce_dst(TileOperation::COPY, place, to);
    __builtin_memmove(dst.bits[target], dst.bits[source], sizeof dst.bits[target]);
    written(target);
}

void pack_tile(uint32_t index, uint32_t cb, bool out_of_order, uint32_t tile, uint32_t place) {
    const uint32_t source = pack_slot(index);
    require(FormatUnit::PACKER, cb);
    LocalCBInterface& interface = circular_buffer(cb);
    uint32_t address = interface.fifo_wr_ptr;
    if (out_of_order) {
        address += interface.fifo_page_size * tile;
    } else {
        address += interface.fifo_wr_tile_ptr;
        interface.fifo_wr_tile_ptr += interface.fifo_page_size;
    }
    address <<= cb_addr_shift;
    announce_result(TileOperation::PACK, place, cb, address, index);
    const TileFormat& format = format_of(cb);
    if (!full_tile(format) || !simd_packs(format.format) || packer.l1_accumulate)
        return on_host(TileOperation::PACK, cb, address, source, pack_flags());
    simd_pack(format.format, dst.bits[source], address, packer);
}

void pack_untilize(uint32_t index, uint32_t cb, const Untilize& where, uint32_t place) {
    const uint32_t source = pack_slot(index, where.tiles);
    require(FormatUnit::PACKER, cb);
    const TileFormat& format = format_of(cb);
    const uint32_t block = get_write_ptr(cb) + where.offset;
    announce_result(TileOperation::PACK_UNTILIZE, place, cb, block, index, where.full * format.bytes);
    if (!full_tile(format) || !simd_row_major(format.format) || packer.l1_accumulate) {
        const uint32_t shape = where.rows << 16 | where.columns << 24;
        return on_host(TileOperation::PACK_UNTILIZE, cb, block, source, pack_flags(), where.tiles | where.full << 16,
                       where.first | shape);
    }
    const uint32_t rows = where.rows ? where.rows : TILE_ROWS, columns = where.columns ? where.columns : TILE_COLUMNS;
    const uint32_t width = columns * (format.format == FLOAT32 ? 4 : 2);
    for (uint32_t tile = 0; tile < where.tiles; tile++)
        simd_pack_rows(format.format, dst.bits[source + tile], block + (where.first + tile) * width, where.full * width, rows,
                       columns, packer);
}

}  // namespace tthal::tensix
