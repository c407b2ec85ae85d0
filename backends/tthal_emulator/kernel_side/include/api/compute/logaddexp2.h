// log2(2^a + 2^b).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY(logaddexp2_binary, ROUND, logaddexp2(a, b))

}  // namespace ckernel
