// x, or slope * x below zero.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY_1(prelu, CUT, slope, select(x < F(0.0f), x * slope, x))

}  // namespace ckernel
