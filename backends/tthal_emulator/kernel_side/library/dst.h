// DST as the runtime's own files see it: sections, slots, freshness.
#pragma once

#include "tthal/border/tensix.h"

namespace tthal::tensix {

extern Dst dst;

// The slot of a tile that MATH writes or PACK reads; misuse when the section is not theirs or the index is too large.
uint32_t math_slot(uint32_t index, uint32_t count = 1);
uint32_t pack_slot(uint32_t index, uint32_t count = 1);

// The same for the products of the host's compiled code, which may still be at earlier ones: only `multiply` may follow.
uint32_t product_slot(uint32_t index, uint32_t count);
void multiply(uint32_t in0, uint32_t stride0, uint32_t in1, uint32_t stride1, uint32_t slot, uint32_t shape);

// All of a tile was written.
void written(uint32_t slot);

}  // namespace tthal::tensix
