// log(1 + x).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(log1p, ROUND, log1p(x))

}  // namespace ckernel
