// x, or slope * x below zero.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY_1(prelu, CUT, slope, leaky_relu(x, slope))

}  // namespace ckernel
