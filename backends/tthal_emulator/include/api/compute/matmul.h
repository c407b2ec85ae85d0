// Tile matrix multiplication: DST += in0 @ in1.
#pragma once

#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/reconfig_data_format.h"

namespace ckernel {

ALWI void matmul_init(uint32_t in0, uint32_t in1, uint32_t transpose = 0) {
    tthal::tensix::select({.operand0 = in1, .operand1 = in0, .transpose = transpose != 0});
}

ALWI void matmul_tiles(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst) {
    tthal::tensix::matmul_tiles(in0, in1, tile0, tile1, dst, tthal::tensix::selection.transpose);
}

// The older names; up to 0.72 matmul_tiles took the transpose flag itself.
ALWI void matmul_tiles(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst, uint32_t transpose) {
    tthal::tensix::matmul_tiles(in0, in1, tile0, tile1, dst, transpose != 0);
}
ALWI void mm_init(uint32_t in0, uint32_t in1, uint32_t out, uint32_t transpose = 0) {
    compute_kernel_hw_startup<SrcOrder::Reverse>(in0, in1, out);
    matmul_init(in0, in1, transpose);
}
ALWI void mm_init_short(uint32_t in0, uint32_t in1, uint32_t transpose = 0) { matmul_init(in0, in1, transpose); }
ALWI void mm_init_short_with_dt(uint32_t in0, uint32_t in1, uint32_t, uint32_t transpose = 0) {
    reconfig_data_format_srca(in1);
    matmul_init(in0, in1, transpose);
}

}  // namespace ckernel
