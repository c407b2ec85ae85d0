// 1 / x.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

enum class ReciprocalDestAcc { BF16, FP32 };
enum class ReciprocalApproxMode { Default, Precise, Approximate };

TTHAL_UNARY(recip, ROUND, reciprocal(x))

}  // namespace ckernel
