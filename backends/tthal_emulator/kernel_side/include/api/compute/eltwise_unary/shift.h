// Bits shifted by one number; to the right the sign stays, of unsigned formats zeros come in.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(left_shift_tile_init)
TTHAL_INIT(right_shift_tile_init)
template <DataFormat data_format, auto... settings>
ALWI void left_shift_tile(uint32_t dst, uint32_t count) {
    using namespace tthal::unit;
    map(integers<data_format>(), dst, [=](I x) { return count > 31 ? I(0) : x << static_cast<int32_t>(count); });
}
template <DataFormat data_format, auto... settings>
ALWI void right_shift_tile(uint32_t dst, uint32_t count) {
    using namespace tthal::unit;
    if constexpr (data_format == DataFormat::Int32)
        map(Words(), dst, [=](I x) { return x >> static_cast<int32_t>(count > 31 ? 31 : count); });
    else map(integers<data_format>(), dst, [=](I x) { return count > 31 ? I(0) : as_int(bits_of(x) >> count); });
}

}  // namespace ckernel
