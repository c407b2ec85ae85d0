// Cube root.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(cbrt, ROUND, each(x, [](float v) { return __builtin_cbrtf(v); }))

}  // namespace ckernel
