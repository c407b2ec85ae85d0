// Remainders with the sign of the dividend.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY(fmod_binary, ROUND, fmod(a, b))
TTHAL_BINARY_INTEGER(fmod_int32, integer_fmod(a, b))

}  // namespace ckernel
