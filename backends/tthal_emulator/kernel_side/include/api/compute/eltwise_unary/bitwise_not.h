// All bits flipped.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(bitwise_not_tile_init)
TTHAL_INTEGER(bitwise_not_tile, Words, ~x)

}  // namespace ckernel
