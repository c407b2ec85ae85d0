// The modified Bessel function of order 1.
#pragma once

#include "tthal/vector/sfpu_api.h"
#include "tthal/vector/sfpu_special.h"

namespace ckernel {

TTHAL_UNARY(i1, OWN, bessel_i1(x))

}  // namespace ckernel
