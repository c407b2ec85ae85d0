// base^x.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY_1(rpow, ROUND, base, power_of_two_operands(base, x))

}  // namespace ckernel
