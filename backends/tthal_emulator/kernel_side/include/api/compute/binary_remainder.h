// Remainders with the sign of the divisor.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY(remainder_binary, ROUND, remainder(a, b))
TTHAL_BINARY_INTEGER(remainder_int32, integer_remainder(a, b))
TTHAL_BINARY_INTEGER(remainder_uint32, unsigned_remainder(a, b))

}  // namespace ckernel
