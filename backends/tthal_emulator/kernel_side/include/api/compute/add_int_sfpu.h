// Integers of two tiles; the results wrap.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(add_int_tile_init)
TTHAL_BINARY_FORMAT(add_int, a + b)

}  // namespace ckernel
