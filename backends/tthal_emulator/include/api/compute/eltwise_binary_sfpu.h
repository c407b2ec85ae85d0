// Two DST tiles into a third, lane by lane.
#pragma once

#include "tthal/llk_sfpu.h"
#include "tthal/sfpu_api.h"

namespace ckernel {

// The older form rounds every result of a 16-bit DST; now a template argument chooses.
TTHAL_BINARY(add_binary, ROUND, a + b)
TTHAL_BINARY(sub_binary, ROUND, a - b)
TTHAL_BINARY(rsub_binary, ROUND, b - a)
TTHAL_BINARY(mul_binary, ROUND, a * b)
TTHAL_BINARY(div_binary, ROUND, a / b)
TTHAL_BINARY(power_binary, ROUND, power(a, b))
TTHAL_BINARY(eq_binary, CUT, truth(a == b))
TTHAL_BINARY(ne_binary, CUT, truth(a != b))
TTHAL_BINARY(lt_binary, CUT, truth(a < b))
TTHAL_BINARY(gt_binary, CUT, truth(a > b))
TTHAL_BINARY(le_binary, CUT, truth(a <= b))
TTHAL_BINARY(ge_binary, CUT, truth(a >= b))
TTHAL_BINARY_IN_PLACE(add_binary)
TTHAL_BINARY_IN_PLACE(sub_binary)
TTHAL_BINARY_IN_PLACE(rsub_binary)
TTHAL_BINARY_IN_PLACE(mul_binary)
TTHAL_BINARY_IN_PLACE(div_binary)
TTHAL_BINARY_IN_PLACE(power_binary)
// The older name.
TTHAL_INIT(eltwise_binary_sfpu_init)

}  // namespace ckernel
