// The angle of a point (x = b, y = a).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY(atan2_binary, OWN, atan2(a, b))

}  // namespace ckernel
