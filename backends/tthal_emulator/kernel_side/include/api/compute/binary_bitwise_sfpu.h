// Bits of two tiles.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(binary_bitwise_tile_init)
TTHAL_BINARY_FORMAT(bitwise_and_binary, a & b)
TTHAL_BINARY_FORMAT(bitwise_or_binary, a | b)
TTHAL_BINARY_FORMAT(bitwise_xor_binary, a ^ b)

}  // namespace ckernel
