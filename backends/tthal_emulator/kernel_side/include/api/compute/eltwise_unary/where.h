// out = condition ? a : b; the condition holds where any bit is set: -0 is true.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(where_tile_init)
template <DataFormat data_format = DataFormat::Float16_b, auto... settings>
ALWI void where_tile(uint32_t dst0, uint32_t dst1, uint32_t dst2, uint32_t out) {
    using namespace tthal::unit;
    constexpr DataFormat moved = is_float<data_format> ? DataFormat::Int32 : data_format;
    map(integers<moved>(), dst0, dst1, dst2, out,
        [](I condition, I a, I b) { return select(condition == I(0), b, a); });
}
// The older names.
template <auto... settings>
ALWI void where_fp32_tile(uint32_t dst0, uint32_t dst1, uint32_t dst2, uint32_t out) {
    where_tile<DataFormat::Float32>(dst0, dst1, dst2, out);
}
template <auto... settings>
ALWI void where_int32_tile(uint32_t dst0, uint32_t dst1, uint32_t dst2, uint32_t out) {
    where_tile<DataFormat::Int32>(dst0, dst1, dst2, out);
}
template <auto... settings>
ALWI void where_uint32_tile(uint32_t dst0, uint32_t dst1, uint32_t dst2, uint32_t out) {
    where_tile<DataFormat::UInt32>(dst0, dst1, dst2, out);
}

}  // namespace ckernel
