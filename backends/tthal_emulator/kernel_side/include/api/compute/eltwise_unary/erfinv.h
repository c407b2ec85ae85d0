// The inverse of the error function.
#pragma once

#include "tthal/vector/sfpu_api.h"
#include "tthal/vector/sfpu_special.h"

namespace ckernel {

TTHAL_UNARY(erfinv, CUT, erfinv(x))

}  // namespace ckernel
