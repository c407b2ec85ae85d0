// Four float32 patterns at a time, the vectors of wasm: the roundings, flushes and unpackers that tile operations share.
// What they share with compiled code beside the kernels is in tthal/fpu.
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
inline v128_t flush_denormals(v128_t bits) { return as_v128(tthal::flush_denormals(as_four(bits))); }
template <uint32_t bits>
inline v128_t round_half_away(v128_t pattern) {
    return as_v128(tthal::round_half_away<bits>(as_four(pattern)));
}
inline v128_t settle(v128_t value, bool is_32_bit) {
    typedef float Floats __attribute__((vector_size(16)));
    return as_v128(tthal::settle<Four>(reinterpret_cast<Floats>(value), is_32_bit));
}
inline v128_t low_part(v128_t b) { return as_v128(tthal::low_part(as_four(b))); }

// NaN becomes an infinity of its sign.
inline v128_t nan_to_infinity(v128_t bits) {
    const v128_t number = wasm_u32x4_min(wasm_v128_and(bits, splat(MAGNITUDE)), splat(EXPONENT));
    return wasm_v128_or(wasm_v128_and(bits, splat(SIGN)), number);
}

// What a move through the adder does (tensix/moves.py, through_adder).
inline v128_t through_adder(v128_t bits) { return flush_denormals(nan_to_infinity(bits)); }

// ---- unpacking

// Stores 16 patterns, each vector as `map` makes it.
template <typename Map>
inline void store_row(uint32_t* to, Bits row, Map map) {
    v128_t parts[4];
    __builtin_memcpy(parts, &row, sizeof row);
    for (uint32_t i = 0; i < 4; i++) wasm_v128_store(to + 4 * i, map(parts[i]));
}

// Applies `map` to the tile's patterns as the unpacker delivers them and stores them row-major.
template <typename Map>
inline void unpack(uint8_t format, uint32_t address, uint32_t* out, Map map) {
    const uint8_t* tile = reinterpret_cast<const uint8_t*>(address);
    const bool tf32 = processor().fp32_dest;
    const auto rows = [&]<uint8_t known>() {
        for_each_face_row([&](uint32_t from, uint32_t to) {
            store_row(out + to, read_row<known>(tile, from / FACE_SIDE, tf32), map);
        });
    };
    if (format == FLOAT16_B) rows.template operator()<FLOAT16_B>();
    else if (format == FLOAT32) rows.template operator()<FLOAT32>();
    else if (format == BFP8_B) rows.template operator()<BFP8_B>();
    else rows.template operator()<BFP4_B>();
}

// Rules 1 and 2: an operand of the FPU.
inline void unpack_operand(uint8_t format, uint32_t address, uint32_t* out, uint32_t mask = ~0u) {
    unpack(format, address, out, [mask](v128_t bits) { return wasm_v128_and(flush_denormals(bits), splat(mask)); });
}

}  // namespace tthal::tensix
