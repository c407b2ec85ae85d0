// Circular and hyperbolic functions and their inverses.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(sin, ROUND, sin(x))
TTHAL_UNARY(cos, ROUND, cos(x))
TTHAL_UNARY(tan, ROUND, tan(x))
TTHAL_UNARY(asin, ROUND, asin(x))
TTHAL_UNARY(acos, ROUND, acos(x))
TTHAL_UNARY(atan, ROUND, atan(x))
TTHAL_UNARY(sinh, ROUND, sinh(x))
TTHAL_UNARY(cosh, ROUND, cosh(x))
TTHAL_UNARY(asinh, ROUND, asinh(x))
TTHAL_UNARY(acosh, ROUND, acosh(x))
TTHAL_UNARY(atanh, ROUND, atanh(x))

}  // namespace ckernel
