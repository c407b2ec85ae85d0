// 1 where a value is zero, else 0. Of floats -0 is not: all bits count.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(logical_not_tile_init)
template <DataFormat data_format = DataFormat::Float16_b, auto... settings>
ALWI void logical_not_tile(uint32_t dst) {
    using namespace tthal::unit;
    if constexpr (is_float<data_format>) map(Floats(), dst, [](F x) { return truth(bits_of(x) == U(0)); });
    else map(integers<data_format>(), dst, [](I x) { return (x == I(0)) & 1; });
}
// The older names.
TTHAL_INIT(logical_not_unary_tile_init)
template <auto... settings>
ALWI void logical_not_unary_tile(uint32_t dst) {
    logical_not_tile<DataFormat::Float16_b>(dst);
}
template <auto... settings>
ALWI void logical_not_unary_tile_int32(uint32_t dst) {
    logical_not_tile<DataFormat::Int32>(dst);
}
template <auto... settings>
ALWI void logical_not_unary_tile_uint32(uint32_t dst) {
    logical_not_tile<DataFormat::UInt32>(dst);
}
template <auto... settings>
ALWI void logical_not_unary_tile_uint16(uint32_t dst) {
    logical_not_tile<DataFormat::UInt16>(dst);
}

}  // namespace ckernel
