// A tile and one number.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(binop_with_scalar_tile_init)
TTHAL_UNARY_1(add_unary, CUT, scalar, add(x, scalar))
TTHAL_UNARY_1(sub_unary, CUT, scalar, sub(x, scalar))
TTHAL_UNARY_1(mul_unary, CUT, scalar, mul(x, scalar))
// The vendor's kernels give the reciprocal of the divisor.
TTHAL_UNARY_1(div_unary, CUT, reciprocal_of_scalar, mul(x, reciprocal_of_scalar))
TTHAL_UNARY_1(rsub_unary, EVEN, scalar, sub(scalar, x))
TTHAL_INTEGER_1(add_unary_tile_int32, Words, x + n)
TTHAL_INTEGER_1(sub_unary_tile_int32, Words, x - n)

}  // namespace ckernel
