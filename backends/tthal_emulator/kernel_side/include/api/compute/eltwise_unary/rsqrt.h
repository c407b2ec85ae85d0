// 1 / sqrt(x).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

enum class RsqrtMode { Default, Fast };
TTHAL_UNARY(rsqrt, ROUND, reciprocal_sqrt(x))

}  // namespace ckernel
