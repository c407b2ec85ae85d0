// Partial sums of 32-bit integers within a tile.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(sfpu_sum_int_init)

// Every column's rows 0, 4, 8, .. to row 0, its rows 1, 5, 9, .. to row 1, and so on to row 3.
ALWI void sfpu_sum_int_col(uint32_t dst) {
    uint32_t* tile = tthal::tensix::math_tile(dst);
    for (uint32_t place = 4 * 32; place < 32 * 32; place++) tile[place % (4 * 32)] += tile[place];
}

// Every row's columns 2 k, 2 k + 1, 16 + 2 k and 17 + 2 k to column 2 k.
ALWI void sfpu_sum_int_row(uint32_t dst) {
    uint32_t* tile = tthal::tensix::math_tile(dst);
    for (uint32_t row = 0; row < 32; row++)
        for (uint32_t column = 0; column < 16; column += 2) {
            uint32_t* at = tile + row * 32 + column;
            at[0] += at[1] + at[16] + at[17];
        }
}

// The tile behind is added; the hardware's kernels ignore the offset too.
ALWI void sfpu_add_int(uint32_t dst, uint32_t /* dst_offset */ = 2, int32_t /* iterations */ = 8) {
    using namespace tthal::sfpu;
    map(Words(), dst, dst + 1, dst, [](I a, I b) { return a + b; });
}

}  // namespace ckernel
