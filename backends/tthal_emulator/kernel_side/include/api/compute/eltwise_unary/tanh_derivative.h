// 1 - tanh(x)^2.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

// As 4 e / (1 + e)^2 with e = e^(-2|x|), which loses nothing where tanh is near 1.
TTHAL_UNARY(tanh_derivative, ROUND, tanh_derivative(x))

}  // namespace ckernel
