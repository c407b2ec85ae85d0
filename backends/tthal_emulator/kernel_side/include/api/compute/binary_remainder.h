// Remainders with the sign of the divisor.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY(remainder_binary, ROUND, each(a, b, floored_remainder))
TTHAL_BINARY_INTEGER(remainder_int32, each_integer(a, b, [](int32_t x, int32_t y) {
    const int32_t rest = y == -1 || y == 0 ? 0 : x % y;
    return rest != 0 && (rest ^ y) < 0 ? rest + y : rest;
}))
TTHAL_BINARY_INTEGER(remainder_uint32, each_integer(a, b, [](int32_t x, int32_t y) {
    return y ? static_cast<int32_t>(static_cast<uint32_t>(x) % static_cast<uint32_t>(y)) : 0;
}))

}  // namespace ckernel
