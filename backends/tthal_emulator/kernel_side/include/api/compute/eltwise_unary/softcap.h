// beta * tanh(x / beta).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_UNARY_2(softcap, CUT, beta, beta_recip, softcap(x, beta, beta_recip))

}  // namespace ckernel
