// a * log(b), 0 where a is 0.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY(xlogy_binary, CUT, xlogy(a, b))

}  // namespace ckernel
