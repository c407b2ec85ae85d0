// matmul_block under the names that attention kernels use; hardware runs it from a replay buffer.
#pragma once

#include "api/compute/matmul.h"

namespace ckernel {

// The columns of in1 in a block lie `stride_tiles` apart, until the next initialisation.
ALWI void matmul_set_in1_column_stride(uint32_t in1, uint32_t stride_tiles) {
    tthal::tensix::selection.column_stride = stride_tiles;
}

ALWI void mm_no_mop_init_short(uint32_t in0, uint32_t in1, bool transpose = false, uint32_t ct_dim = 1,
                               uint32_t rt_dim = 1, uint32_t kt_dim = 1) {
    matmul_block_init(in0, in1, transpose, ct_dim, rt_dim, kt_dim);
}
ALWI void mm_no_mop_reinit_short(uint32_t in0, uint32_t in1, bool transpose = false, uint32_t ct_dim = 1,
                                 uint32_t rt_dim = 1, uint32_t kt_dim = 1) {
    matmul_block_init(in0, in1, transpose, ct_dim, rt_dim, kt_dim);
}
// Which shapes of blocks its program serves is not known here.
ALWI void matmul_block_no_mop(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst, bool transpose,
                              uint32_t ct_dim, uint32_t rt_dim, uint32_t kt_dim) {
    using namespace tthal::tensix;
    const uint32_t there = selection.set_up;
    const bool multiplies = (there & 0xFF) == static_cast<uint32_t>(SetUp::MATMUL);
    detail::multiply_block(in0, in1, tile0, tile1, dst, transpose, ct_dim, rt_dim, kt_dim,
                           multiplies ? there : matmul_set_up(ct_dim, rt_dim));
}

template <MathFidelity math_fidelity>
ALWI void mm_no_mop_init_short_fidelity(uint32_t in0, uint32_t in1, bool transpose = false, uint32_t ct_dim = 1,
                                        uint32_t rt_dim = 1, uint32_t kt_dim = 1) {
    matmul_block_init(in0, in1, transpose, ct_dim, rt_dim, kt_dim);
}
template <MathFidelity math_fidelity>
ALWI void mm_no_mop_reinit_short_fidelity(uint32_t in0, uint32_t in1, bool transpose = false, uint32_t ct_dim = 1,
                                          uint32_t rt_dim = 1, uint32_t kt_dim = 1) {
    matmul_block_init(in0, in1, transpose, ct_dim, rt_dim, kt_dim);
}
template <MathFidelity math_fidelity>
ALWI void matmul_block_no_mop_fidelity(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst,
                                       bool transpose, uint32_t ct_dim, uint32_t rt_dim, uint32_t kt_dim) {
    detail::at_fidelity<math_fidelity>(
        [&] { matmul_block_no_mop(in0, in1, tile0, tile1, dst, transpose, ct_dim, rt_dim, kt_dim); });
}

}  // namespace ckernel
