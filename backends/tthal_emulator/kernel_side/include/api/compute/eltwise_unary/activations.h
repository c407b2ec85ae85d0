// Activations with flat and linear parts.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY(hardsigmoid, CUT, clamp(x * (1.0f / 6.0f) + 0.5f, F(0.0f), F(1.0f)))
TTHAL_UNARY_PACKED(hardsigmoid, clamp(x * (1.0f / 6.0f) + 0.5f, F(0.0f), F(1.0f)))
TTHAL_UNARY(softsign, CUT, select(is_infinite(x), copy_sign(F(1.0f), x), x / (1.0f + abs(x))))
TTHAL_UNARY_2(celu, ROUND, alpha, alpha_recip, select(x < F(0.0f), alpha * expm1(x * alpha_recip), x))
TTHAL_UNARY_1(softshrink, CUT, lambda, select(x > lambda, x - lambda, select(x < -lambda, x + lambda, F(0.0f))))
TTHAL_UNARY_1(hardshrink, CUT, lambda, select((x > lambda) | (x < -lambda), x, F(0.0f)))

}  // namespace ckernel
