// Integers of two tiles; the results wrap.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT_OF_FORMAT(mul_int_tile_init)
TTHAL_BINARY_FORMAT(mul_int, a * b)
ALWI void mul_int_tile_init() { mul_int_tile_init<DataFormat::Int32>(); }
TTHAL_INIT(mul_int32_tile_init)
TTHAL_FORMER_FORMAT(mul_int32, mul_int, Int32)
TTHAL_FORMER_FORMAT(mul_uint32, mul_int, UInt32)
TTHAL_FORMER_FORMAT(mul_uint16, mul_int, UInt16)

}  // namespace ckernel
