// Tiles minus the means of their rows, in two steps that do not cancel: (x - anchor) + (anchor - mean).
#pragma once

#include "api/compute/bcast.h"

namespace ckernel {

ALWI void sub_bcast_cols_compensated_init(uint32_t input_cb, uint32_t split_mean_cb, uint32_t call_line = 0) {
    sub_bcast_cols_init(input_cb, split_mean_cb);
}

// The statistics' tile holds the anchors in column 0 and anchor - mean in column 16.
ALWI void sub_bcast_cols_compensated(uint32_t input_cb, uint32_t split_mean_cb, uint32_t input_tile, uint32_t dst_tile,
                                     uint32_t tile_count) {
    using namespace tthal::tensix;
    for (uint32_t tile = 0; tile < tile_count; tile++) {
        spread_column(split_mean_cb, 0, FACE_C_DIM, dst_tile + tile);
        binary_tiles(BinaryOperation::SUB, Broadcast::COL, input_cb, split_mean_cb, input_tile + tile, 0,
                     dst_tile + tile, true);
    }
}

}  // namespace ckernel
