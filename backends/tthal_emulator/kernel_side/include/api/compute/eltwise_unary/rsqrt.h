// 1 / sqrt(x).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

enum class RsqrtMode { Default, Fast };
TTHAL_UNARY_MODE(rsqrt, Store::ROUND, RsqrtMode::Default, reciprocal_sqrt<mode == RsqrtMode::Fast>(x))

}  // namespace ckernel
