// x - tanh(x).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(tanhshrink, ROUND, x - tanh(x))

}  // namespace ckernel
