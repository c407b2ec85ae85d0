// Remainders with the sign of the dividend.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY(fmod_binary, ROUND, each(a, b, [](float x, float y) { return __builtin_fmodf(x, y); }))
TTHAL_BINARY_INTEGER(fmod_int32, each_integer(a, b, [](int32_t x, int32_t y) { return y == -1 ? 0 : y ? x % y : 0; }))

}  // namespace ckernel
