// Tile matrix multiplication: DST += in0 @ in1.
#pragma once

#include "api/compute/common.h"

namespace ckernel {

namespace detail {
ALWI void select_matmul(uint32_t in0, uint32_t in1, uint32_t transpose, uint32_t ct_dim, uint32_t rt_dim) {
    using namespace tthal::tensix;
    select({.operand0 = in1, .operand1 = in0, .transpose = transpose != 0, .set_up = matmul_set_up(ct_dim, rt_dim)});
}
}  // namespace detail

ALWI void matmul_init(uint32_t in0, uint32_t in1, uint32_t transpose = 0, uint32_t call_line = 0) {
    detail::select_matmul(in0, in1, transpose, 1, 1);
}
ALWI void matmul_tiles(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst) {
    tthal::tensix::matmul_block(in0, in1, tile0, tile1, dst, tthal::tensix::selection.transpose, 1, 1, 1,
                                tthal::tensix::matmul_set_up(1, 1));
}

ALWI void matmul_block_init(uint32_t in0, uint32_t in1, uint32_t transpose = 0, uint32_t ct_dim = 1,
                            uint32_t rt_dim = 1, uint32_t kt_dim = 1, uint32_t call_line = 0) {
    detail::select_matmul(in0, in1, transpose, ct_dim, rt_dim);
}

namespace detail {
ALWI void multiply_block(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst, uint32_t transpose,
                         uint32_t ct_dim, uint32_t rt_dim, uint32_t kt_dim, uint32_t set_up) {
    using namespace tthal::tensix;
    const uint32_t stride = selection.column_stride;
    if (stride == 1) return matmul_block(in0, in1, tile0, tile1, dst, transpose != 0, ct_dim, rt_dim, kt_dim, set_up);
    for (uint32_t row = 0; row < rt_dim; row++)
        for (uint32_t column = 0; column < ct_dim; column++)
            matmul_block(in0, in1, tile0 + row * kt_dim, tile1 + column * stride, dst + row * ct_dim + column,
                         transpose != 0, 1, 1, 1, set_up);
}
}  // namespace detail

// One step of k for rt x ct tiles of DST; kt_dim is the row stride of in0 in tiles.
ALWI void matmul_block(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst, uint32_t transpose,
                       uint32_t ct_dim, uint32_t rt_dim, uint32_t kt_dim, uint32_t call_line = 0) {
    detail::multiply_block(in0, in1, tile0, tile1, dst, transpose, ct_dim, rt_dim, kt_dim,
                           tthal::tensix::matmul_set_up(ct_dim, rt_dim));
}

// ---- the parts of a multiplication, at a fidelity of the caller's choice; the unpacker's part comes first

// How far hardware holds the matrix unit back; it has no say here.
constexpr int MM_THROTTLE = 0;

template <auto... settings>
ALWI void llk_unpack_AB_matmul_init(uint32_t in0, uint32_t in1, uint32_t transpose = 0, uint32_t ct_dim = 1,
                                    uint32_t rt_dim = 1, uint32_t kt_dim = 1) {
    detail::select_matmul(in0, in1, transpose, ct_dim, rt_dim);
}
template <MathFidelity math_fidelity, auto... settings>
ALWI void llk_math_matmul_init(uint32_t in0, uint32_t in1, uint32_t transpose = 0, uint32_t ct_dim = 1,
                               uint32_t rt_dim = 1) {
    detail::select_matmul(in0, in1, transpose, ct_dim, rt_dim);
}

namespace detail {

struct UnpackedOperands {
    uint32_t in0, in1, tile0, tile1, kt_dim;
    bool there = false;
};
inline UnpackedOperands unpacked_operands;

template <MathFidelity math_fidelity, typename Work>
ALWI void at_fidelity(Work work) {
    uint8_t& fidelity = tthal::processor().math_fidelity;
    const uint8_t before = fidelity;
    fidelity = static_cast<uint8_t>(math_fidelity);
    tthal::compiler_barrier();
    work();
    fidelity = before;
}

}  // namespace detail

template <auto... settings>
ALWI void llk_unpack_AB_matmul(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t ct_dim = 1,
                               uint32_t rt_dim = 1, uint32_t kt_dim = 1) {
    detail::unpacked_operands = {in0, in1, tile0, tile1, kt_dim, true};
}
template <MathFidelity math_fidelity, auto... settings>
ALWI void llk_math_matmul(uint32_t dst, uint32_t ct_dim = 1, uint32_t rt_dim = 1) {
    using namespace tthal::tensix;
    detail::UnpackedOperands& operands = detail::unpacked_operands;
    if (!operands.there)
        tthal::misuse(tthal::Misuse::THREADS, static_cast<uint32_t>(tthal::ThreadTrouble::NO_OPERANDS));
    operands.there = false;
    detail::at_fidelity<math_fidelity>([&] {
        matmul_block(operands.in0, operands.in1, operands.tile0, operands.tile1, dst, selection.transpose, ct_dim,
                     rt_dim, operands.kt_dim, matmul_set_up(ct_dim, rt_dim));
    });
}

// ---- the older names; up to 0.72 matmul_tiles took the transpose flag itself

ALWI void matmul_tiles(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst, uint32_t transpose) {
    tthal::tensix::matmul_block(in0, in1, tile0, tile1, dst, transpose != 0, 1, 1, 1,
                                tthal::tensix::matmul_set_up(1, 1));
}
ALWI void mm_init(uint32_t in0 = 0, uint32_t in1 = 1, uint32_t out = 16, uint32_t transpose = 0) {
    compute_kernel_hw_startup<SrcOrder::Reverse>(in0, in1, out);
    matmul_init(in0, in1, transpose);
}
ALWI void mm_init_short(uint32_t in0 = 0, uint32_t in1 = 1, uint32_t transpose = 0) {
    matmul_init(in0, in1, transpose);
}
ALWI void mm_init_short_with_dt(uint32_t in0, uint32_t in1, uint32_t old_srca, uint32_t transpose = 0) {
    reconfig_data_format_srca(old_srca, in1);
    matmul_init(in0, in1, transpose);
}
ALWI void mm_block_init(uint32_t in0 = 0, uint32_t in1 = 1, uint32_t out = 16, uint32_t transpose = 0,
                        uint32_t ct_dim = 1, uint32_t rt_dim = 1, uint32_t kt_dim = 1) {
    compute_kernel_hw_startup<SrcOrder::Reverse>(in0, in1, out);
    detail::select_matmul(in0, in1, transpose, ct_dim, rt_dim);
}
ALWI void mm_block_init_short(uint32_t in0 = 0, uint32_t in1 = 1, uint32_t transpose = 0, uint32_t ct_dim = 1,
                              uint32_t rt_dim = 1, uint32_t kt_dim = 1) {
    detail::select_matmul(in0, in1, transpose, ct_dim, rt_dim);
}
ALWI void mm_block_init_short_with_dt(uint32_t in0, uint32_t in1, uint32_t old_srca, uint32_t transpose = 0,
                                      uint32_t ct_dim = 1, uint32_t rt_dim = 1, uint32_t kt_dim = 1) {
    reconfig_data_format_srca(old_srca, in1);
    detail::select_matmul(in0, in1, transpose, ct_dim, rt_dim);
}
ALWI void mm_block_init_short_with_both_dt(uint32_t in0, uint32_t in1, uint32_t old_in0, uint32_t old_in1,
                                           uint32_t transpose = 0, uint32_t ct_dim = 1, uint32_t rt_dim = 1,
                                           uint32_t kt_dim = 1) {
    reconfig_data_format<SrcOrder::Reverse>(old_in0, in0, old_in1, in1);
    detail::select_matmul(in0, in1, transpose, ct_dim, rt_dim);
}

}  // namespace ckernel
