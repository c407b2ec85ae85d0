// Rows added onto rows of the next DST tile, chosen by indices in L1.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(reshuffle_rows_tile_init)

// 16 bytes behind `indices` there is a byte for every row: the row of tile dst + 1 that it is added to; from 32 on, none.
ALWI void reshuffle_rows_tile(uint32_t dst, uint32_t indices) {
    using namespace tthal::sfpu;
    const volatile uint8_t* target = reinterpret_cast<const volatile uint8_t*>(indices + 16);
    const uint32_t* from = tthal::tensix::math_tile(dst);
    uint32_t* to = tthal::tensix::math_tile(dst + 1);
    const Floats lanes;
    for (uint32_t row = 0; row < 32; row++) {
        const uint32_t place = target[row];
        if (place >= 32) continue;
        for (uint32_t column = 0; column < 32; column += WIDTH) {
            uint32_t* at = to + place * 32 + column;
            lanes.store(at, lanes.load(at) + lanes.load(from + row * 32 + column));
        }
    }
}

}  // namespace ckernel
