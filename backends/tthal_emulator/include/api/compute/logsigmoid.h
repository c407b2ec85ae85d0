// log(sigmoid(x)); the second tile of the vendor's call holds e^-x and is not needed.
#pragma once

#include "tthal/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY(logsigmoid, CUT, negative(softplus(negative(a))))

}  // namespace ckernel
