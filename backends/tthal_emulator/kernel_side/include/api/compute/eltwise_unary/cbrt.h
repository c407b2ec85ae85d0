// Cube root.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(cbrt, ROUND, cbrt(x))

}  // namespace ckernel
