// The modified Bessel function of order 1.
#pragma once

#include "tthal/vector/sfpu_api.h"
#include "tthal/vector/sfpu_special.h"

namespace ckernel {

TTHAL_UNARY(i1, ROUND, each(x, [](float v) { return static_cast<float>(bessel_i(1, v)); }))

}  // namespace ckernel
