// base^x.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY_1(rpow, ROUND, base, power(base, x))

}  // namespace ckernel
