// tanhshrink(x).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(tanhshrink, ROUND, tanhshrink(x))

}  // namespace ckernel
