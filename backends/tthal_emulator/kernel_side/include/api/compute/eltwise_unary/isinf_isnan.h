// Tests of special values: 1 where they hold, else 0.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(isinf, CUT, truth(is_infinite(x)))
TTHAL_UNARY(isposinf, CUT, truth(x == F(__builtin_inff())))
TTHAL_UNARY(isneginf, CUT, truth(x == F(-__builtin_inff())))
TTHAL_UNARY(isnan, CUT, truth(is_nan(x)))
TTHAL_UNARY(isfinite, CUT, truth(abs(x) < F(__builtin_inff())))

}  // namespace ckernel
