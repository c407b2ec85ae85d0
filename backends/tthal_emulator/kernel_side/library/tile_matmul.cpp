// Products of blocks of tiles: handed to compiled code beside the kernel, or to the host.
#include "units.h"

namespace tthal::tensix {

namespace {

bool is_factor(const TileFormat& tile) {
    const bool on_this_chip = tile.format != FP8_E4M3 || processor().numerics & NUMERICS_FP8_E4M3;
    return full_tile(tile) && tthal::is_multiplied(tile.format) && on_this_chip &&
           (processor().fp32_dest || !is_integer(tile.format));
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

}  // namespace

void matmul_block(uint32_t cb0, uint32_t cb1, uint32_t tile0, uint32_t tile1, uint32_t index, bool transpose,
                  uint32_t columns, uint32_t rows, uint32_t row_stride, uint32_t set_up, uint32_t place) {
    require(FormatUnit::SRC_A, cb1);
    require(FormatUnit::SRC_B, cb0);
    const uint32_t tiles = rows > DST_TILES || columns > DST_TILES ? DST_TILES + 1 : rows * columns;
    if (tiles == 0) return;
    needs(set_up, place);
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
        host_matmul(cb0, address0, cb1, address1, {target, row_stride},
                    {transpose, processor().math_fidelity, rows, columns});
    } else {
        // Tiles that do not lie one behind the other: one at a time.
        for (uint32_t tile = 0; tile < tiles; tile++)
            host_matmul(cb0, address0 + tile / columns * row_stride * page0, cb1, address1 + tile % columns * page1,
                        {target + tile, 1}, {transpose, processor().math_fidelity, 1, 1});
    }
}

}  // namespace tthal::tensix
