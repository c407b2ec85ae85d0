// The larger or smaller of two.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_BINARY(binary_max, CUT, maximum(a, b))
TTHAL_BINARY(binary_min, CUT, minimum(a, b))
TTHAL_BINARY_INTEGER(binary_max_int32, select(a > b, a, b))
TTHAL_BINARY_INTEGER(binary_min_int32, select(a < b, a, b))
TTHAL_BINARY_INTEGER(binary_max_uint32, select(bits_of(a) > bits_of(b), a, b))
TTHAL_BINARY_INTEGER(binary_min_uint32, select(bits_of(a) < bits_of(b), a, b))

}  // namespace ckernel
