// DST as the runtime's own files see it: sections, slots, freshness.
#pragma once

#include "tthal/border/tensix.h"

namespace tthal::tensix {

extern Dst dst;

// Asks the host for an operation on this DST: host_tiles.h has a function for each.
inline void host_tile(TileOperation operation, uint32_t a, uint32_t b, uint32_t c, uint32_t d = 0, uint32_t e = 0,
                      uint32_t f = 0) {
    compiler_barrier();
    tthal_host_tile(static_cast<uint32_t>(operation), reinterpret_cast<uintptr_t>(&dst), a, b, c, d, e, f);
    compiler_barrier();
}

// The slot of a tile that MATH writes or PACK reads; misuse when the section is not theirs or the index is too large.
uint32_t math_slot(uint32_t index, uint32_t count = 1);
uint32_t pack_slot(uint32_t index, uint32_t count = 1);

// The same for the products of the host's compiled code, which may still be at earlier ones: only `multiply` may follow.
uint32_t product_slot(uint32_t index, uint32_t count);
void multiply(uint32_t in0, uint32_t stride0, uint32_t in1, uint32_t stride1, uint32_t slot, uint32_t shape);

// All of a tile was written.
void written(uint32_t slot);

// That a reduction went to a slot, and whether one went to the slot's section since it was acquired.
void reduced(uint32_t slot);
bool is_reduced(uint32_t slot);

// Whether nothing was written to a tile: then it holds zeros.
inline bool is_fresh(uint32_t slot) {
    typedef uint8_t Flags __attribute__((vector_size(sizeof dst.fresh[0]), aligned(1), may_alias));
    return __builtin_reduce_and(*reinterpret_cast<const Flags*>(dst.fresh[slot])) != 0;
}

}  // namespace tthal::tensix
