// Integers of two tiles; the results wrap.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(sub_int_tile_init)
TTHAL_BINARY_FORMAT(sub_int, a - b)
TTHAL_INIT(rsub_int_tile_init)
TTHAL_BINARY_FORMAT(rsub_int, b - a)
TTHAL_FORMER_FORMAT(sub_int32, sub_int, Int32)
TTHAL_FORMER_FORMAT(sub_uint32, sub_int, UInt32)
TTHAL_FORMER_FORMAT(sub_uint16, sub_int, UInt16)
TTHAL_INIT(rsub_int32_tile_init)
TTHAL_FORMER_FORMAT(rsub_int32, rsub_int, Int32)

}  // namespace ckernel
