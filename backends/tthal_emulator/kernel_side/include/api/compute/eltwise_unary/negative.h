// -x.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(negative, CUT, negative(x))
TTHAL_INTEGER(negative_tile_int32, Words, -x)

}  // namespace ckernel
