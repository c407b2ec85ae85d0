// Circular and hyperbolic functions and their inverses.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

#define TTHAL_C_FUNCTION(name, function) TTHAL_UNARY(name, ROUND, each(x, [](float v) { return function(v); }))
TTHAL_C_FUNCTION(sin, __builtin_sinf)
TTHAL_C_FUNCTION(cos, __builtin_cosf)
TTHAL_C_FUNCTION(tan, __builtin_tanf)
TTHAL_C_FUNCTION(asin, __builtin_asinf)
TTHAL_C_FUNCTION(acos, __builtin_acosf)
TTHAL_C_FUNCTION(atan, __builtin_atanf)
TTHAL_C_FUNCTION(sinh, __builtin_sinhf)
TTHAL_C_FUNCTION(cosh, __builtin_coshf)
TTHAL_C_FUNCTION(asinh, __builtin_asinhf)
TTHAL_C_FUNCTION(acosh, __builtin_acoshf)
TTHAL_C_FUNCTION(atanh, __builtin_atanhf)
#undef TTHAL_C_FUNCTION

}  // namespace ckernel
