// Four float32 patterns at a time, the vectors of wasm: the roundings, flushes and unpackers that tile operations share.
// What they share with compiled code beside the kernels is in tthal/fpu. Each step of a loop counts fuel and loads the
// constants anew, so loops take a row of a face, or more, in one step.
#pragma once

#include "wasm_vectors.h"

#include "tthal/border/tensix.h"
#include "tthal/fpu/fidelity.h"
#include "tthal/fpu/unpack.h"

namespace tthal::tensix {

// A vector of wasm as the shared arithmetic takes it.
typedef uint32_t Four __attribute__((vector_size(16)));
inline Four as_four(v128_t bits) { return reinterpret_cast<Four>(bits); }
inline v128_t as_v128(Four bits) { return reinterpret_cast<v128_t>(bits); }

inline v128_t splat(uint32_t value) { return wasm_u32x4_splat(value); }
template <uint32_t bits>
inline v128_t round_half_away(v128_t pattern) {
    return as_v128(tthal::round_half_away<bits>(as_four(pattern)));
}
inline v128_t low_part(v128_t b) { return as_v128(tthal::low_part(as_four(b))); }

// ---- patterns, and bfloat16, which has their upper halves alone: of these twice as many fit

struct UpperHalves {
    v128_t bits;
};

inline v128_t in_lanes(UpperHalves, uint32_t pattern) { return wasm_u16x8_splat(pattern >> 16); }
inline v128_t keep(v128_t bits, uint32_t mask) { return wasm_v128_and(bits, splat(mask)); }
inline UpperHalves keep(UpperHalves halves, uint32_t mask) {
    return {wasm_v128_and(halves.bits, in_lanes(halves, mask))};
}
inline v128_t flip(v128_t bits, uint32_t mask) { return wasm_v128_xor(bits, splat(mask)); }
inline UpperHalves flip(UpperHalves halves, uint32_t mask) {
    return {wasm_v128_xor(halves.bits, in_lanes(halves, mask))};
}

// Without the lanes of a mask. If the compiler saw where it comes from, it would turn the comparison over instead, and
// x86 has no instruction for "not equal".
inline v128_t without(v128_t bits, v128_t mask) {
    asm("" : "+r"(mask));
    return wasm_v128_andnot(bits, mask);
}
inline v128_t flush_denormals(v128_t bits) {
    return without(bits, wasm_i32x4_eq(keep(bits, EXPONENT), splat(0)));
}
inline UpperHalves flush_denormals(UpperHalves halves) {
    return {without(halves.bits, wasm_i16x8_eq(keep(halves, EXPONENT).bits, splat(0)))};
}

// NaN becomes an infinity of its sign.
inline v128_t nan_to_infinity(v128_t bits) {
    const v128_t number = wasm_u32x4_min(keep(bits, MAGNITUDE), splat(EXPONENT));
    return wasm_v128_or(keep(bits, SIGN), number);
}
inline UpperHalves nan_to_infinity(UpperHalves halves) {
    const v128_t number = wasm_u16x8_min(keep(halves, MAGNITUDE).bits, in_lanes(halves, EXPONENT));
    return {wasm_v128_or(keep(halves, SIGN).bits, number)};
}

// What a move through the adder does (tensix/moves.py, through_adder).
template <typename Lanes>
inline Lanes through_adder(Lanes bits) {
    return flush_denormals(nan_to_infinity(bits));
}

// Rule 5 of tensix/fast.py: NaNs are quiet, denormals zero; a 16-bit DST rounds halves away from zero.
template <bool is_32_bit>
inline v128_t settle(v128_t value) {
    const v128_t quiet = wasm_v128_bitselect(splat(QUIET_NAN), value, wasm_f32x4_ne(value, value));
    const v128_t bits = flush_denormals(quiet);
    return is_32_bit ? bits : round_half_away<16>(bits);
}
inline v128_t settle(v128_t value, bool is_32_bit) { return is_32_bit ? settle<true>(value) : settle<false>(value); }

inline UpperHalves upper_halves(v128_t low, v128_t high) {
    return {wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(low, 16), wasm_i32x4_shr(high, 16))};
}
inline v128_t low_patterns(UpperHalves halves) {
    return wasm_i16x8_shuffle(splat(0), halves.bits, 0, 8, 1, 9, 2, 10, 3, 11);
}
inline v128_t high_patterns(UpperHalves halves) {
    return wasm_i16x8_shuffle(splat(0), halves.bits, 4, 12, 5, 13, 6, 14, 7, 15);
}

// ---- unpacking

// Sixteen patterns, each vector as `map` makes it of what the unpacker delivers, from vectors or from bfloat16 in L1.
typedef v128_t Row[4];

template <typename Map>
inline void map_row(Row& row, Bits bits, Map map) {
    __builtin_memcpy(&row, &bits, sizeof bits);
    for (v128_t& part : row) part = map(part);
}

template <typename Map>
inline void map_row(Row& row, const uint16_t* from, Map map) {
    for (uint32_t i = 0; i < 4; i += 2) {
        const UpperHalves halves = map(UpperHalves{wasm_v128_load(from + 4 * i)});
        row[i] = low_patterns(halves);
        row[i + 1] = high_patterns(halves);
    }
}

inline void store_row(uint32_t* to, const Row& row) {
    for (uint32_t i = 0; i < 4; i++) wasm_v128_store(to + 4 * i, row[i]);
}

// Applies `map` to the tile's patterns and stores them row-major.
template <typename Map>
inline void unpack(uint8_t format, uint32_t address, uint32_t* out, Map map) {
    const uint8_t* tile = reinterpret_cast<const uint8_t*>(address);
    const bool tf32 = processor().fp32_dest;
    const auto rows = [&]<uint8_t known>() {
        for_each_face_row([&](uint32_t from, uint32_t to) {
            Row row;
            if constexpr (known == FLOAT16_B) map_row(row, reinterpret_cast<const uint16_t*>(tile) + from, map);
            else map_row(row, read_row<known>(tile, from / FACE_SIDE, tf32), map);
            store_row(out + to, row);
        });
    };
    if (format == FLOAT16_B) rows.template operator()<FLOAT16_B>();
    else if (format == FLOAT32) rows.template operator()<FLOAT32>();
    else if (format == BFP8_B) rows.template operator()<BFP8_B>();
    else rows.template operator()<BFP4_B>();
}

}  // namespace tthal::tensix
