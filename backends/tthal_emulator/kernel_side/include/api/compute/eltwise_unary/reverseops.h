// scalar - x.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY_1(rsub, EVEN, scalar, scalar - x)

}  // namespace ckernel
