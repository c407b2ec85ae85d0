// Values kept where a mask, in the tile after them, is not zero.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(mask_tile_init)
template <auto... settings>
ALWI void mask_tile(uint32_t dst, uint32_t mask, DataFormat data_format = DataFormat::Float16_b) {
    using namespace tthal::unit;
    map(Words(), dst, mask, dst, [](I x, I keep) { return select((keep & 0x7FFFFFFF) == I(0), I(0), x); });
}
template <auto... settings>
ALWI void mask_posinf_tile(uint32_t dst, uint32_t mask) {
    using namespace tthal::unit;
    map(Words(), dst, mask, dst, [](I x, I keep) { return select((keep & 0x7FFFFFFF) == I(0), I(0x7F800000), x); });
}

}  // namespace ckernel
