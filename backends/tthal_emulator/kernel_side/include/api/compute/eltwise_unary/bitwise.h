// Bits of a tile and of one number.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(bitwise_and_tile_init)
TTHAL_INIT(bitwise_or_tile_init)
TTHAL_INIT(bitwise_xor_tile_init)
TTHAL_INTEGER_1(bitwise_and_tile, Words, x & n)
TTHAL_INTEGER_1(bitwise_or_tile, Words, x | n)
TTHAL_INTEGER_1(bitwise_xor_tile, Words, x ^ n)

}  // namespace ckernel
