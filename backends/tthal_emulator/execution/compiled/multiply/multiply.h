// Both grades' products of tiles, and the memory that they work with.
#pragma once

#include "exact_integers.h"
#include "exact_operands.h"

namespace tthal {

// A tile as the fast grade's multipliers see it; the second part is what HiFi3 multiplies in its second pass.
struct Operand {
    alignas(64) Tile first, second;
    Exponents first_exponents, second_exponents;
};

struct FastScratch {
    Operand left, right[MOST_TILES];
};

struct ExactScratch {
    ExactOperand left, right[MOST_TILES];
    IntegerScratch integers;
};
static_assert(sizeof(FastScratch) <= SCRATCH_SIZE && sizeof(ExactScratch) <= SCRATCH_SIZE);

void fast_matmul(const Product& product, FastScratch& scratch);
void exact_matmul(const Product& product, ExactScratch& scratch);

}  // namespace tthal
