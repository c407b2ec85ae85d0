// Unchanged values.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(identity, CUT, x)
TTHAL_INTEGER(identity_tile_uint32, Words, x)

}  // namespace ckernel
