// log(sigmoid(x)). The second tile holds e^-x, from which large results are taken: there x alone has lost them.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY(logsigmoid, CUT, negative(select(a > F(4.0f), log1p(b), softplus(negative(a)))))

}  // namespace ckernel
