// x, or slope * (e^x - 1) below zero.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY_1(elu, ROUND, slope, select(x < F(0.0f), slope * expm1(x), x))

}  // namespace ckernel
