// One value in all of a tile.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(fill_tile_init)
template <auto... settings>
ALWI void fill_tile(uint32_t dst, float value) {
    using namespace tthal::unit;
    map(Floats(), dst, [=](F) { return F(value); });
}
template <DataFormat data_format = DataFormat::Int32>
ALWI void fill_tile_int(uint32_t dst, uint32_t value) {
    using namespace tthal::unit;
    map(integers<data_format>(), dst, [=](I) { return I(static_cast<int32_t>(value)); });
}
// The pattern of a float.
template <auto... settings>
ALWI void fill_tile_bitcast(uint32_t dst, uint32_t bits) {
    fill_tile(dst, tthal::sfpu::float_parameter(bits));
}

}  // namespace ckernel
