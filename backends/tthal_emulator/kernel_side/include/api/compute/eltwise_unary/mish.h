// x * tanh(log(1 + e^x)).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

// With e = e^x, tanh(log(1 + e)) = (e^2 + 2e) / (e^2 + 2e + 2), which loses nothing for negative x; above 20 it is 1.
TTHAL_UNARY(mish, ROUND, select(x > F(20.0f), x, x * (exp(x) * (exp(x) + 2.0f) / (exp(x) * (exp(x) + 2.0f) + 2.0f))))

}  // namespace ckernel
