// Bits of one tile shifted by the numbers of another; counts from 32 on give 0 (in the fast grade the sign).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(binary_shift_tile_init)
TTHAL_BINARY_FORMAT(binary_left_shift, select((b < I(0)) | (b > I(31)), I(0), a << (b & 31)))
TTHAL_BINARY_FORMAT(binary_right_shift, shifted_right<data_format == DataFormat::Int32>(a, b))
TTHAL_BINARY_FORMAT(binary_logical_right_shift, shifted_right<false>(a, b))
TTHAL_FORMER_FORMAT(binary_left_shift, binary_left_shift, Int32)
TTHAL_FORMER_FORMAT(binary_left_shift_int32, binary_left_shift, Int32)
TTHAL_FORMER_FORMAT(binary_left_shift_uint32, binary_left_shift, UInt32)
TTHAL_FORMER_FORMAT(binary_right_shift, binary_right_shift, Int32)
TTHAL_FORMER_FORMAT(binary_right_shift_int32, binary_right_shift, Int32)
TTHAL_FORMER_FORMAT(binary_right_shift_uint32, binary_right_shift, UInt32)
TTHAL_FORMER_FORMAT(binary_logical_right_shift, binary_logical_right_shift, Int32)
TTHAL_FORMER_FORMAT(binary_logical_right_shift_int32, binary_logical_right_shift, Int32)
TTHAL_FORMER_FORMAT(binary_logical_right_shift_uint32, binary_logical_right_shift, UInt32)

}  // namespace ckernel
