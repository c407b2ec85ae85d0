// The greatest common divisor of 32-bit integers.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY_INTEGER(gcd, each_integer(a, b, greatest_common_divisor))

}  // namespace ckernel
