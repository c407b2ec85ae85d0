// Integers of two tiles; the results wrap.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT_OF_FORMAT(mul_int_tile_init)
TTHAL_BINARY_FORMAT(mul_int, a * b)

}  // namespace ckernel
