// One-time configuration of unpackers, FPU and packer.
#pragma once

#include "api/compute/common.h"

namespace ckernel {

template <SrcOrder src_order = SrcOrder::Regular>
ALWI void compute_kernel_hw_startup(uint32_t in0, uint32_t in1, uint32_t out) {
    tthal::tensix::configure(src_order == SrcOrder::Reverse ? in1 : in0, src_order == SrcOrder::Reverse ? in0 : in1, out);
}

template <SrcOrder src_order = SrcOrder::Regular>
ALWI void compute_kernel_hw_startup(uint32_t in0, uint32_t out) { compute_kernel_hw_startup<src_order>(in0, in0, out); }

// The older names.
ALWI void binary_op_init_common(uint32_t in0, uint32_t in1, uint32_t out) { compute_kernel_hw_startup(in0, in1, out); }
ALWI void unary_op_init_common(uint32_t in, uint32_t out) { compute_kernel_hw_startup(in, out); }
ALWI void init_sfpu(uint32_t in, uint32_t out) { compute_kernel_hw_startup(in, out); }

}  // namespace ckernel
