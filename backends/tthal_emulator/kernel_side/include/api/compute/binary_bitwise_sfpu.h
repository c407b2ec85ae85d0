// Bits of two tiles.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(binary_bitwise_tile_init)
TTHAL_BINARY_FORMAT(bitwise_and_binary, a & b)
TTHAL_BINARY_FORMAT(bitwise_or_binary, a | b)
TTHAL_BINARY_FORMAT(bitwise_xor_binary, a ^ b)
TTHAL_FORMER_FORMAT(bitwise_and_binary, bitwise_and_binary, Int32)
TTHAL_FORMER_FORMAT(bitwise_and_uint32_binary, bitwise_and_binary, UInt32)
TTHAL_FORMER_FORMAT(bitwise_and_uint16_binary, bitwise_and_binary, UInt16)
TTHAL_FORMER_FORMAT(bitwise_or_binary, bitwise_or_binary, Int32)
TTHAL_FORMER_FORMAT(bitwise_or_uint32_binary, bitwise_or_binary, UInt32)
TTHAL_FORMER_FORMAT(bitwise_or_uint16_binary, bitwise_or_binary, UInt16)
TTHAL_FORMER_FORMAT(bitwise_xor_binary, bitwise_xor_binary, Int32)
TTHAL_FORMER_FORMAT(bitwise_xor_uint32_binary, bitwise_xor_binary, UInt32)
TTHAL_FORMER_FORMAT(bitwise_xor_uint16_binary, bitwise_xor_binary, UInt16)

}  // namespace ckernel
