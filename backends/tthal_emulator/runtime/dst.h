// DST as the runtime's own files see it: sections, slots, freshness.
#pragma once

#include "tthal/tensix.h"

namespace tthal::tensix {

extern Dst dst;

// The slot of a tile that MATH writes or PACK reads; misuse when the section is not theirs or the index is too large.
uint32_t math_slot(uint32_t index, uint32_t count = 1);
uint32_t pack_slot(uint32_t index, uint32_t count = 1);

// All of a tile was written.
void written(uint32_t slot);

}  // namespace tthal::tensix
