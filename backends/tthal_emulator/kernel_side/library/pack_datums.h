// What the packer does on the way from DST to L1, 16 datums at a time (numerics.md §5).
#pragma once

#include "units.h"

namespace tthal::tensix {

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
inline void mask_row(EdgeMask mask, uint32_t row, uint32_t column, v128_t (&values)[4]) {
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

}  // namespace tthal::tensix
