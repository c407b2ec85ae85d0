// Integers of two tiles; the results wrap.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(sub_int_tile_init)
TTHAL_BINARY_FORMAT(sub_int, a - b)
TTHAL_INIT(rsub_int_tile_init)
TTHAL_BINARY_FORMAT(rsub_int, b - a)

}  // namespace ckernel
