// The modified Bessel function of order 0.
#pragma once

#include "tthal/vector/sfpu_api.h"
#include "tthal/vector/sfpu_special.h"

namespace ckernel {

TTHAL_UNARY(i0, CUT, bessel_i0(x))

}  // namespace ckernel
