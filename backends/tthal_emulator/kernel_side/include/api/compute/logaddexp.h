// log(e^a + e^b).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY(logaddexp_binary, ROUND, select((a == b) & is_infinite(a), a, maximum(a, b) + log1p(exp(-abs(a - b)))))

}  // namespace ckernel
