// The least common multiple of 32-bit integers.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY_INTEGER(lcm, common_multiple(a, b))

}  // namespace ckernel
