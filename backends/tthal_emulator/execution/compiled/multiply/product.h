// What the launch's code asks of the multiplying code, which is built apart: once per kind of processor, when the first
// kernel that multiplies is loaded.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "tthal/fpu/unpack.h"

namespace tthal {

constexpr uint32_t SIDE = TILE_SIDE, ELEMENTS = SIDE * SIDE, MOST_TILES = 16;

// dst += in0 * in1, tiles as they lie in L1.
struct Product {
    const uint8_t *in0, *in1;
    uint64_t stride0, stride1;
    uint8_t format0, format1;
    uint32_t rows, columns;
    bool transpose, is_32_bit;
    bool exact, minus_one_quirk;  // the grade, and of the exact one what numerics.md §3.2 step 7 says
    uint8_t fidelity;             // MathFidelity code
    float* dst;
};

// Memory that a product needs for itself, aligned to 64 bytes.
constexpr size_t SCRATCH_SIZE = 256 << 10;

// Bytes of a 32x32 tile; 0 for what the matrix unit does not read.
constexpr uint32_t bytes_of(uint8_t format) {
    constexpr uint32_t EXPONENTS = ELEMENTS / FACE_SIDE;
    switch (format) {
        case FLOAT32:
        case TF32_FORMAT: return ELEMENTS * 4;
        case FLOAT16:
        case FLOAT16_B: return ELEMENTS * 2;
        case FLOAT8:
        case FP8_E4M3:
        case INT8:
        case UINT8: return ELEMENTS;
        case BFP8:
        case BFP8_B: return EXPONENTS + ELEMENTS;
        case BFP4:
        case BFP4_B: return EXPONENTS + ELEMENTS / 2;
        case BFP2:
        case BFP2_B: return EXPONENTS + ELEMENTS / 4;
        default: return 0;
    }
}

}  // namespace tthal

// `product` is a Product.
extern "C" void tthal_multiply(const void* product, void* scratch);
