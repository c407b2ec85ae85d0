// The error function and its complement.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY_MODE(erf, Store::CUT, true, erf<mode>(x))
TTHAL_UNARY(erfc, CUT, erfc(x))

}  // namespace ckernel
