// The derivative of log(gamma).
#pragma once

#include "tthal/vector/sfpu_api.h"
#include "tthal/vector/sfpu_special.h"

namespace ckernel {

TTHAL_UNARY(digamma, CUT, digamma(x))

}  // namespace ckernel
