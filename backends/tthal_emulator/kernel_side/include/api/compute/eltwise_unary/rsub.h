// scalar - x.
#pragma once

#include "api/compute/eltwise_unary/reverseops.h"

namespace ckernel {

TTHAL_INIT(rsub_unary_int32_tile_init)
TTHAL_INTEGER_1(rsub_unary_int32_tile, Words, n - x)

}  // namespace ckernel
