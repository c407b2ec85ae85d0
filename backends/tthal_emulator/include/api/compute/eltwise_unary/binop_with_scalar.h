// A tile and one number.
#pragma once

#include "tthal/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(binop_with_scalar_tile_init)
TTHAL_UNARY_1(add_unary, ROUND, scalar, x + scalar)
TTHAL_UNARY_1(sub_unary, ROUND, scalar, x - scalar)
TTHAL_UNARY_1(mul_unary, ROUND, scalar, x * scalar)
// The vendor's kernels give the reciprocal of the divisor.
TTHAL_UNARY_1(div_unary, ROUND, reciprocal_of_scalar, x * reciprocal_of_scalar)
TTHAL_UNARY_1(rsub_unary, ROUND, scalar, scalar - x)
TTHAL_INTEGER_1(add_unary_tile_int32, Words, x + n)
TTHAL_INTEGER_1(sub_unary_tile_int32, Words, x - n)

}  // namespace ckernel
