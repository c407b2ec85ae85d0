// scale * the sum of 1 / (x + k)^(n + 1) over k: with scale = (-1)^(n+1) n! the n-th derivative of digamma.
#pragma once

#include "tthal/vector/sfpu_api.h"
#include "tthal/vector/sfpu_special.h"

namespace ckernel {

TTHAL_UNARY_2(polygamma, ROUND, n, scale, polygamma(x, n, scale))

}  // namespace ckernel
