// The angle of a point (x = b, y = a).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY(atan2_binary, ROUND, each(a, b, [](float y, float x) { return __builtin_atan2f(y, x); }))

}  // namespace ckernel
