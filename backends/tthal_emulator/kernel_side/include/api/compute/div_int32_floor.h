// Quotients of 32-bit integers, rounded down or toward zero.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY_INTEGER(div_int32_trunc, integer_quotient<false>(a, b))
TTHAL_BINARY_INTEGER(div_int32_floor, integer_quotient<true>(a, b))

}  // namespace ckernel
