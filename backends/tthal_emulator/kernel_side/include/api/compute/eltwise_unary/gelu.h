// x * Phi(x), its form with tanh, and its derivative.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(gelu, ROUND, gelu(x))
TTHAL_UNARY_PACKED(gelu, gelu(x))
TTHAL_UNARY(gelu_tanh, ROUND, gelu_tanh(x))
TTHAL_UNARY_PACKED(gelu_tanh, gelu_tanh(x))
TTHAL_UNARY(gelu_derivative, ROUND, gelu_derivative(x))

}  // namespace ckernel
