// log2(2^a + 2^b).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY(logaddexp2_binary, ROUND,
             select((a == b) & is_infinite(a), a, maximum(a, b) + 1.44269504f * log1p(exp2(-abs(a - b)))))

}  // namespace ckernel
