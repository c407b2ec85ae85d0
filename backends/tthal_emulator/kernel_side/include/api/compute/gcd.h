// The greatest common divisor of 32-bit integers.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY_INTEGER(gcd, common_divisor(a, b))

}  // namespace ckernel
