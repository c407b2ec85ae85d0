// Square root.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY_MODE(sqrt, Store::ROUND, false, sqrt<mode>(x))

}  // namespace ckernel
