// Integers of two tiles; the results wrap.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(add_int_tile_init)
TTHAL_BINARY_FORMAT(add_int, a + b)
TTHAL_INIT(add_int32_tile_init)
TTHAL_FORMER_FORMAT(add_int32, add_int, Int32)
TTHAL_FORMER_FORMAT(add_uint32, add_int, UInt32)
TTHAL_FORMER_FORMAT(add_uint16, add_int, UInt16)

}  // namespace ckernel
