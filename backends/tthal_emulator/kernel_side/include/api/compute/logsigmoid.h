// log(sigmoid(x)). The second tile holds e^-x, from which large results are taken: there x alone has lost them.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY(logsigmoid, CUT, logsigmoid(a, b))

}  // namespace ckernel
