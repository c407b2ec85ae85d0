// Activations with flat and linear parts.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(hardsigmoid, CUT, hardsigmoid(x))
TTHAL_UNARY_PACKED(hardsigmoid, Store::CUT, 0, hardsigmoid(x))
TTHAL_UNARY(softsign, CUT, softsign(x))
TTHAL_UNARY_2(celu, ROUND, alpha, alpha_recip, celu(x, alpha, alpha_recip))
TTHAL_UNARY_1(softshrink, CUT, lambda, softshrink(x, lambda))
TTHAL_UNARY_1(hardshrink, CUT, lambda, hardshrink(x, lambda))

}  // namespace ckernel
