// x, or slope * (e^x - 1) below zero.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY_1(elu, ROUND, slope, elu(x, slope))

}  // namespace ckernel
