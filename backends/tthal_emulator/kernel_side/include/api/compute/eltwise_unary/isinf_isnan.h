// Tests of special values: 1 where they hold, else 0.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(isinf, CUT, truth(is_infinite(x)))
TTHAL_UNARY(isposinf, CUT, truth(is_infinite(x) & ~is_negative(x)))
TTHAL_UNARY(isneginf, CUT, truth(is_infinite(x) & is_negative(x)))
TTHAL_UNARY(isnan, CUT, truth(is_nan(x)))
TTHAL_UNARY(isfinite, CUT, truth(is_finite(x)))

}  // namespace ckernel
