// Transposing tiles on their way to DST.
#pragma once

#include "api/compute/common.h"

namespace ckernel {

template <bool is_fp32_dest_acc_en = false>
ALWI void transpose_init(uint32_t cb, uint32_t call_line = 0) {
    using namespace tthal::tensix;
    select({.operand0 = cb, .set_up = set_up_for(SetUp::TRANSPOSE)});
}

template <bool is_fp32_dest_acc_en = false>
ALWI void transpose_tile(uint32_t cb, uint32_t tile, uint32_t dst) {
    tthal::tensix::transpose_tile(cb, tile, dst);
}

template <bool is_fp32_dest_acc_en = false>
ALWI void transpose_block(uint32_t cb, uint32_t tile, uint32_t dst, uint32_t tiles) {
    for (uint32_t i = 0; i < tiles; i++) tthal::tensix::transpose_tile(cb, tile + i, dst + i);
}

// The older names.
ALWI void transpose_wh_init(uint32_t cb, uint32_t out = 16) {
    compute_kernel_hw_startup(cb, out);
    transpose_init(cb);
}
ALWI void transpose_wh_init_short(uint32_t cb) { transpose_init(cb); }
ALWI void transpose_wh_tile(uint32_t cb, uint32_t tile, uint32_t dst) { transpose_tile(cb, tile, dst); }

}  // namespace ckernel
