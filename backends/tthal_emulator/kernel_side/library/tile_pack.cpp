// The packer: DST patterns to the bytes of L1 pages or row-major rows (numerics.md §5).
#include "units.h"

namespace tthal::tensix {

namespace {

constexpr uint32_t FACE = 16;

// The early conversion, the rectifier and the edge mask for one kind of register.
struct Early {
    bool is_32_bit, raw, block_float;
    ReluMode relu_mode;
    v128_t threshold;

    Early(uint8_t format, const Packer& packer)
        : is_32_bit(processor().fp32_dest), relu_mode(packer.relu_mode), threshold(splat(packer.threshold << 16)) {
        const bool precise = processor().bfp8_pack_precise;
        block_float = (format == BFP8_B || format == BFP4_B) && !precise;
        raw = is_32_bit && (format == FLOAT32 || ((format == BFP8_B || format == BFP4_B) && precise));
    }

    v128_t convert(v128_t bits) const {
        if (raw) return rectify(bits);
        const v128_t value = nan_to_infinity(bits);
        if (is_32_bit)
            return rectify(flush_denormals(block_float ? round_half_away<17>(value) : round_half_away<16>(value)));
        const v128_t flushed = flush_denormals(value);
        return rectify(block_float ? round_half_away<17>(flushed) : flushed);
    }

    v128_t rectify(v128_t value) const {
        if (relu_mode == ReluMode::NONE) return value;
        const v128_t positive = wasm_v128_andnot(value, wasm_i32x4_shr(value, 31));
        if (relu_mode == ReluMode::MIN_THRESHOLD) return wasm_v128_and(positive, wasm_u32x4_gt(positive, threshold));
        if (relu_mode == ReluMode::ZERO) return positive;
        // The comparison of a float32 sees TF32's bits only.
        const v128_t above = wasm_u32x4_gt(wasm_u32x4_shr(positive, 13), wasm_u32x4_shr(threshold, 13));
        return wasm_v128_bitselect(threshold, positive, above);
    }
};

// Zeroes what a reduction did not produce in 16 datums that begin at a place of the tile.
void mask_row(EdgeMask mask, uint32_t row, uint32_t column, v128_t (&values)[4]) {
    if (mask == EdgeMask::NONE || (mask == EdgeMask::ROW_0 && row == 0)) return;
    const bool first = mask == EdgeMask::COLUMN_0 || (mask == EdgeMask::ELEMENT_0 && row == 0 && column == 0);
    const uint32_t kept = first ? ~0u : 0;
    values[0] = wasm_v128_and(values[0], wasm_u32x4_make(kept, 0, 0, 0));
    for (uint32_t i = 1; i < 4; i++) values[i] = splat(0);
}

inline void load_row(const Early& early, const uint32_t* from, v128_t (&values)[4]) {
    for (uint32_t i = 0; i < 4; i++) values[i] = early.convert(wasm_v128_load(from + 4 * i));
}

inline void write_float32(const v128_t (&values)[4], uint32_t* to) {
    for (uint32_t i = 0; i < 4; i++) wasm_v128_store(to + 4 * i, values[i]);
}

inline void write_bfloat16(const v128_t (&values)[4], uint16_t* to) {
    wasm_v128_store(to, upper_halves(values[0], values[1]).bits);
    wasm_v128_store(to + 8, upper_halves(values[2], values[3]).bits);
}

uint32_t largest_exponent(const v128_t (&exponents)[4]) {
    v128_t most =
        wasm_u32x4_max(wasm_u32x4_max(exponents[0], exponents[1]), wasm_u32x4_max(exponents[2], exponents[3]));
    most = wasm_u32x4_max(most, wasm_i32x4_shuffle(most, most, 2, 3, 0, 1));
    most = wasm_u32x4_max(most, wasm_i32x4_shuffle(most, most, 1, 0, 3, 2));
    return wasm_u32x4_extract_lane(most, 0);
}

// 16 datums to sign and 7 bits of magnitude under one exponent, each rounded half up (numerics.md §5.5). The scaled
// significand and the half are exact in float32, so floor() rounds as the shift does.
uint8_t share_exponent(const v128_t (&values)[4], v128_t (&codes)[4]) {
    v128_t exponents[4];
    for (uint32_t i = 0; i < 4; i++) exponents[i] = wasm_u32x4_shr(wasm_v128_and(values[i], splat(EXPONENT)), 23);
    const uint32_t shared = largest_exponent(exponents);
    for (uint32_t i = 0; i < 4; i++) {
        const v128_t fraction = wasm_v128_and(wasm_u32x4_shr(values[i], 16), splat(0x7F));
        const v128_t present = wasm_i32x4_ne(exponents[i], splat(0));
        const v128_t significand =
            wasm_f32x4_convert_i32x4(wasm_v128_and(wasm_v128_or(fraction, splat(0x80)), present));
        const v128_t distance = wasm_u32x4_min(wasm_i32x4_sub(splat(shared), exponents[i]), splat(8));
        const v128_t unit = wasm_i32x4_shl(wasm_i32x4_sub(splat(126), distance), 23);
        const v128_t rounded =
            wasm_f32x4_floor(wasm_f32x4_add(wasm_f32x4_mul(significand, unit), wasm_f32x4_splat(0.5f)));
        codes[i] = wasm_u32x4_min(wasm_i32x4_trunc_sat_f32x4(rounded), splat(127));
    }
    return static_cast<uint8_t>(shared);
}

inline v128_t with_sign(v128_t magnitude, v128_t value, uint32_t sign_bit) {
    const v128_t sign = wasm_v128_and(wasm_i32x4_shr(value, 31), splat(sign_bit));
    return wasm_v128_or(magnitude, wasm_v128_andnot(sign, wasm_i32x4_eq(magnitude, splat(0))));
}

inline v128_t to_bytes(const v128_t (&words)[4]) {
    return wasm_u8x16_narrow_i16x8(wasm_u16x8_narrow_i32x4(words[0], words[1]),
                                   wasm_u16x8_narrow_i32x4(words[2], words[3]));
}

void write_block_float(uint8_t format, const v128_t (&values)[4], uint8_t* page, uint32_t datum) {
    v128_t codes[4];
    page[datum / FACE] = share_exponent(values, codes);
    const uint32_t dropped = format == BFP8_B ? 0 : 4;
    for (uint32_t i = 0; i < 4; i++)
        codes[i] = with_sign(wasm_u32x4_shr(codes[i], dropped), values[i], 0x80u >> dropped);
    const v128_t bytes = to_bytes(codes);
    if (dropped == 0) return wasm_v128_store(page + 64 + datum, bytes);
    const v128_t pairs = wasm_v128_or(bytes, wasm_u16x8_shr(bytes, 4));
    const v128_t joined = wasm_i8x16_shuffle(pairs, pairs, 0, 2, 4, 6, 8, 10, 12, 14, 0, 0, 0, 0, 0, 0, 0, 0);
    wasm_v128_store64_lane(page + 64 + datum / 2, joined, 0);
}

// What bfloat16 keeps of 8 datums that nothing rectifies. Of those of a 16-bit DST the packer sees no more.
template <bool is_32_bit>
inline v128_t bfloat16_of(v128_t low, v128_t high) {
    const auto rounded = [](v128_t bits) { return round_half_away<16>(nan_to_infinity(bits)); };
    if constexpr (is_32_bit) return flush_denormals(upper_halves(rounded(low), rounded(high))).bits;
    return through_adder(upper_halves(low, high)).bits;
}

template <bool is_32_bit>
void pack_plain_bfloat16(const uint32_t* dst, uint16_t* page) {
    for_each_face_row([&](uint32_t to, uint32_t from) {
        for (uint32_t i = 0; i < FACE; i += 8)
            wasm_v128_store(page + to + i, bfloat16_of<is_32_bit>(wasm_v128_load(dst + from + i),
                                                                  wasm_v128_load(dst + from + i + 4)));
    });
}

void simd_pack(uint8_t format, const uint32_t* dst, uint32_t address, const Packer& packer) {
    const Early early(format, packer);
    uint8_t* page = reinterpret_cast<uint8_t*>(address);
    if (format == FLOAT16_B && packer.relu_mode == ReluMode::NONE && packer.edge_mask == EdgeMask::NONE)
        return (early.is_32_bit ? pack_plain_bfloat16<true> : pack_plain_bfloat16<false>)(
            dst, reinterpret_cast<uint16_t*>(page));
    for_each_face_row([&](uint32_t to, uint32_t from) {
        v128_t values[4];
        load_row(early, dst + from, values);
        mask_row(packer.edge_mask, from / TILE_COLUMNS, from % TILE_COLUMNS, values);
        if (format == FLOAT32) write_float32(values, reinterpret_cast<uint32_t*>(page) + to);
        else if (format == FLOAT16_B) write_bfloat16(values, reinterpret_cast<uint16_t*>(page) + to);
        else write_block_float(format, values, page, to);
    });
}

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

void pack_tile(uint32_t index, uint32_t cb, bool out_of_order, uint32_t tile, uint32_t place) {
    const uint32_t source = pack_slot(index);
    require(FormatUnit::PACKER, cb);
    needs_start(place);
    LocalCBInterface& interface = circular_buffer(cb);
    uint32_t address = interface.fifo_wr_ptr;
    if (out_of_order) {
        address += interface.fifo_page_size * tile;
    } else {
        address += interface.fifo_wr_tile_ptr;
        interface.fifo_wr_tile_ptr += interface.fifo_page_size;
    }
    address <<= cb_addr_shift;
    announce_packed(place, index, source);
    announce_result(TileOperation::PACK, place, cb, address, index);
    const TileFormat& format = format_of(cb);
    if (!full_tile(format) || !simd_packs(format.format) || packer.l1_accumulate)
        return host_pack(cb, address, source, packer);
    simd_pack(format.format, dst.bits[source], address, packer);
}

void pack_untilize(uint32_t index, uint32_t cb, const Untilize& where, uint32_t place) {
    const uint32_t source = pack_slot(index, where.tiles);
    require(FormatUnit::PACKER, cb);
    needs_start(place);
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
    needs_start(place);
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
