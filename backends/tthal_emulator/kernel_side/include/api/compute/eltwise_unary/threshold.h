// x where it is above the threshold, else the value.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY_2(threshold, CUT, limit, value, threshold(x, limit, value))

}  // namespace ckernel
