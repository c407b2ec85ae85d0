// log(e^a + e^b).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY(logaddexp_binary, ROUND, logaddexp(a, b))

}  // namespace ckernel
