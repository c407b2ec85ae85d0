// The packer: DST patterns to the bytes of L1 pages (numerics.md §5).
#include "pack_datums.h"

namespace tthal::tensix {

namespace {

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

}  // namespace

void pack_tile(uint32_t index, uint32_t cb, bool out_of_order, uint32_t tile, uint32_t place) {
    const uint32_t source = pack_slot(index);
    require(FormatUnit::PACKER, cb);
    packs(0, source, place);
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

}  // namespace tthal::tensix
