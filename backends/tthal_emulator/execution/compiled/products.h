// A matrix product of blocks of tiles, and what it works with.
#pragma once

#include "compiled.h"
#include "tthal/border/fast_grade.h"

namespace tthal {

constexpr uint32_t SIDE = 32, ELEMENTS = SIDE * SIDE, MOST_TILES = 16;

// A tile of float32, row-major.
typedef float Tile[ELEMENTS];

struct Exponents {
    uint32_t least, most;  // biased, of the elements that are not zero
};

// A tile as the multipliers see it; the second part is what HiFi3 multiplies in its second pass.
struct Operand {
    alignas(64) Tile first, second;
    Exponents first_exponents, second_exponents;
};

struct Scratch {
    Operand left, right[MOST_TILES];
};

// dst += in0 * in1, tiles as they lie in L1.
struct Product {
    const uint8_t *in0, *in1;
    uint64_t stride0, stride1;
    uint8_t format0, format1;
    uint32_t rows, columns;
    bool transpose, is_32_bit;
    uint8_t fidelity;  // MathFidelity code
    float* dst;
};

void matmul(const Product& product, Scratch& scratch);

}  // namespace tthal
