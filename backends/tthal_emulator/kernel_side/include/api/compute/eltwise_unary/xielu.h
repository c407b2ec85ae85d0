// alpha_p x^2 + x / 2 above zero, alpha_n (e^x - 1 - x) + x / 2 below.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY_2(xielu, ROUND, alpha_p, alpha_n, xielu(x, alpha_p, alpha_n))

}  // namespace ckernel
