// The next number after a in the direction of b, in float32 or bfloat16.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY(nextafter_binary, CUT, next_after(a, b, 1))
TTHAL_BINARY(nextafter_bf16_binary, CUT, next_after(a, b, 1 << 16))

}  // namespace ckernel
