// Square root.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(sqrt, ROUND, sqrt(x))

}  // namespace ckernel
