// x * clamp(x / 2 + 1, 0, 1).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(hardmish, CUT, x * clamp(x * 0.5f + 1.0f, F(0.0f), F(1.0f)))

}  // namespace ckernel
