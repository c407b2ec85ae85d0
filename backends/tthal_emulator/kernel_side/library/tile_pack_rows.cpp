// The packer's other destinations: rows of a row-major block, and faces one by one.
#include "pack_datums.h"

namespace tthal::tensix {

namespace {

// Rows of one tile into a row-major block; only the first `rows` rows and `columns` columns (up to 16, or 32) are written.
void simd_pack_rows(uint8_t format, const uint32_t* dst, uint32_t address, uint32_t row_bytes, uint32_t rows,
                    uint32_t columns, const Packer& packer) {
    const Early early(format, packer);
    for (uint32_t row = 0; row < rows; row++)
        for (uint32_t column = 0; column < columns; column += FACE) {
            v128_t values[4];
            load_row(early, dst + row * TILE_COLUMNS + column, values);
            mask_row(packer.edge_mask, row, column, values);
            const uint32_t to = address + row * row_bytes, datum = format == FLOAT32 ? 4 : 2;
            alignas(16) uint32_t whole[FACE];
            if (format == FLOAT32) write_float32(values, whole);
            else write_bfloat16(values, reinterpret_cast<uint16_t*>(whole));
            __builtin_memcpy(reinterpret_cast<void*>(to + column * datum), whole,
                             (columns < FACE ? columns : FACE) * datum);
        }
}

}  // namespace

void pack_untilize(uint32_t index, uint32_t cb, const Untilize& where, uint32_t place) {
    const uint32_t source = pack_slot(index, where.tiles);
    require(FormatUnit::PACKER, cb);
    packs(where.set_up, source, place);
    const TileFormat& format = format_of(cb);
    const uint32_t block = get_write_ptr(cb) + where.offset;
    for (uint32_t tile = 0; tile < where.tiles; tile++) announce_packed(place, index + tile, source + tile);
    announce_result(TileOperation::PACK_UNTILIZE, place, cb, block, index, where.full * format.bytes);
    if (!full_tile(format) || !simd_row_major(format.format) || packer.l1_accumulate)
        return host_pack_untilize(cb, block, source, packer, {where.tiles, where.full},
                                  {where.first, where.rows, where.columns});
    const uint32_t rows = where.rows ? where.rows : TILE_ROWS, columns = where.columns ? where.columns : TILE_COLUMNS;
    const uint32_t width = columns * (format.format == FLOAT32 ? 4 : 2);
    for (uint32_t tile = 0; tile < where.tiles; tile++)
        simd_pack_rows(format.format, dst.bits[source + tile], block + (where.first + tile) * width, where.full * width,
                       rows, columns, packer);
}

void pack_rows(uint32_t index, uint32_t cb, uint32_t address, uint32_t rows, uint32_t place) {
    const uint32_t source = pack_slot(index);
    require(FormatUnit::PACKER, cb);
    packs(set_up_for(SetUp::PACK_ROWS), source, place);
    const TileFormat& format = format_of(cb);
    if (!full_tile(format) || !simd_row_major(format.format) || packer.l1_accumulate)
        misuse(Misuse::PACK_ROWS, cb);
    const uint32_t row_bytes = FACE * (format.format == FLOAT32 ? 4 : 2);
    announce_packed(place, index, source);
    announce_result(TileOperation::PACK, place, cb, address, index, rows * row_bytes);
    for (uint32_t face = 0; face * FACE < rows; face++) {
        const uint32_t left = rows - face * FACE, corner = face / 2 * FACE * TILE_COLUMNS + face % 2 * FACE;
        simd_pack_rows(format.format, dst.bits[source] + corner, address + face * FACE * row_bytes, row_bytes,
                       left < FACE ? left : FACE, FACE, packer);
    }
}

}  // namespace tthal::tensix
