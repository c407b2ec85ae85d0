// The least common multiple of 32-bit integers.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY_INTEGER(lcm, each_integer(a, b, [](int32_t x, int32_t y) {
    const int32_t divisor = greatest_common_divisor(x, y);
    return divisor ? magnitude_of(x) / divisor * magnitude_of(y) : 0;
}))

}  // namespace ckernel
