// Whole tiles as the unpacker delivers them: float32 patterns, row-major.
#pragma once

#include "product.h"
#include "tthal/fpu/unpack.h"

namespace tthal {

// A tile of float32, row-major.
typedef float Tile[ELEMENTS];

// ---- tiles

// Datums with exponent 0 become +0.
template <uint8_t format>
void unpack(const uint8_t* from, bool tf32, uint32_t mask, float* to) {
    for_each_face_row([&](uint32_t datum, uint32_t place) {
        *reinterpret_cast<Bits*>(to + place) = flush_denormals(read_row<format>(from, datum / FACE_SIDE, tf32)) & mask;
    });
}

// `rare` says whether formats that the fast grade's compiled code leaves to numpy can come.
template <bool rare>
void unpack(uint8_t format, const uint8_t* from, bool tf32, uint32_t mask, float* to) {
    switch (format) {
        case FLOAT16_B: return unpack<FLOAT16_B>(from, tf32, mask, to);
        case FLOAT32: return unpack<FLOAT32>(from, tf32, mask, to);
        case BFP8_B: return unpack<BFP8_B>(from, tf32, mask, to);
        case BFP4_B: return unpack<BFP4_B>(from, tf32, mask, to);
    }
    if constexpr (!rare) return;
    switch (format) {
        case TF32_FORMAT: return unpack<TF32_FORMAT>(from, tf32, mask, to);
        case FLOAT16: return unpack<FLOAT16>(from, tf32, mask, to);
        case FLOAT8: return unpack<FLOAT8>(from, tf32, mask, to);
        case FP8_E4M3: return unpack<FP8_E4M3>(from, tf32, mask, to);
        case BFP2_B: return unpack<BFP2_B>(from, tf32, mask, to);
        case BFP8: return unpack<BFP8>(from, tf32, mask, to);
        case BFP4: return unpack<BFP4>(from, tf32, mask, to);
        case BFP2: return unpack<BFP2>(from, tf32, mask, to);
    }
}

// Biased exponents of the elements that are not zero.
struct Exponents {
    uint32_t least, most;
};

inline Exponents exponents_of(const float* tile) {
    Bits least = Bits{} + ~0u, most{};
    for (uint32_t i = 0; i < ELEMENTS; i += 16) {
        const Bits magnitude = *reinterpret_cast<const Bits*>(tile + i) & MAGNITUDE;
        least = __builtin_elementwise_min(least, magnitude - 1);  // a zero wraps and counts for nothing
        most = __builtin_elementwise_max(most, magnitude);
    }
    return {__builtin_reduce_min(least) >> 23, __builtin_reduce_max(most) >> 23};
}

inline void transpose(float* tile) {
    for (uint32_t row = 0; row < SIDE; row++)
        for (uint32_t column = 0; column < row; column++) {
            const float other = tile[row * SIDE + column];
            tile[row * SIDE + column] = tile[column * SIDE + row];
            tile[column * SIDE + row] = other;
        }
}

}  // namespace tthal
