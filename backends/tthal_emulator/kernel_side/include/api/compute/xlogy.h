// a * log(b), 0 where a is 0.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY(xlogy_binary, CUT, select(is_nan(b), b, select(a == F(0.0f), F(0.0f), a * log(b))))

}  // namespace ckernel
