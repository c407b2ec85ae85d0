// Comparisons with zero and with one number: 1 where they hold, else 0.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

#define TTHAL_COMPARE(zero_name, unary_name, comparison, operator_) \
    TTHAL_UNARY(zero_name, CUT, truth(x operator_ F(0.0f))) \
    TTHAL_INTEGER(zero_name##_tile_int32, Words, (read_with_sign(x) operator_ I(0)) & 1) \
    TTHAL_UNARY_1(unary_name, CUT, limit, truth(comparison(x, limit))) \
    TTHAL_INTEGER_1(unary_name##_tile_int32, Words, (x operator_ n) & 1)
TTHAL_COMPARE(eqz, unary_eq, same, ==)
TTHAL_COMPARE(nez, unary_ne, different, !=)
TTHAL_COMPARE(gtz, unary_gt, greater, >)
TTHAL_COMPARE(gez, unary_ge, at_least, >=)
TTHAL_COMPARE(ltz, unary_lt, less, <)
TTHAL_COMPARE(lez, unary_le, at_most, <=)
#undef TTHAL_COMPARE
TTHAL_INTEGER(eqz_tile_uint16, Halves, (x == I(0)) & 1)
TTHAL_INTEGER(eqz_tile_uint32, Words, (x == I(0)) & 1)
TTHAL_INTEGER(nez_tile_uint16, Halves, (x != I(0)) & 1)
TTHAL_INTEGER(nez_tile_uint32, Words, (x != I(0)) & 1)

}  // namespace ckernel
