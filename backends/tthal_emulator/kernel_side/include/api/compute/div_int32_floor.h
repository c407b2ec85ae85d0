// Quotients of 32-bit integers, rounded down or toward zero; by zero they are -1.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY_INTEGER(div_int32_trunc, each_integer(a, b, truncated_quotient))
TTHAL_BINARY_INTEGER(div_int32_floor, each_integer(a, b, [](int32_t x, int32_t y) {
    const int32_t quotient = truncated_quotient(x, y);
    return y != 0 && y != -1 && x % y != 0 && (x ^ y) < 0 ? quotient - 1 : quotient;
}))

}  // namespace ckernel
