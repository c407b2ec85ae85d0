// Between the formats of DST; the formats are the first two template arguments, as numbers.
#pragma once

#include "tthal/vector/conversions.h"
#include "tthal/vector/sfpu_api.h"
#if TTHAL_EXACT
#include "tthal/vector/exact/conversions.h"
#endif

namespace ckernel {

TTHAL_INIT(typecast_tile_init)

template <uint32_t IN_DTYPE, uint32_t OUT_DTYPE, auto... settings>
ALWI void typecast_tile(uint32_t dst) {
    using namespace tthal;
    using tthal::sfpu::for_each_place, tthal::sfpu::Store;
    constexpr DataFormat from = static_cast<DataFormat>(IN_DTYPE), to = static_cast<DataFormat>(OUT_DTYPE);
    if constexpr (!unit::changes<from, to>) return;
    else {
        uint32_t* tile = tensix::math_tile(dst);
        const auto source = unit::lanes_of<from>();
        const auto target = unit::lanes_of<to>(Store::OWN);
        for_each_place(
            {}, [&](uint32_t at) { target.store(tile + at, unit::converted<from, to>(source.load(tile + at))); });
    }
}

}  // namespace ckernel
