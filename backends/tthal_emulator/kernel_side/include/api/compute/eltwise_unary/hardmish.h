// x * clamp(x / 2 + 1, 0, 1).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(hardmish, CUT, hardmish(x))

}  // namespace ckernel
