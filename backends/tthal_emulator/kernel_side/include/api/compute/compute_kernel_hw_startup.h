// One-time configuration of unpackers, FPU and packer.
#pragma once

#include "api/compute/common_globals.h"
#include "tthal/border/tensix.h"

namespace ckernel {

template <SrcOrder src_order = SrcOrder::Regular>
ALWI void compute_kernel_hw_startup(uint32_t in0, uint32_t in1, uint32_t out) {
    constexpr bool reverse = src_order == SrcOrder::Reverse;
    tthal::tensix::configure(reverse ? in1 : in0, reverse ? in0 : in1, out);
    tthal::tensix::packer.tiles_per_call = 1;
}
template <SrcOrder src_order = SrcOrder::Regular>
ALWI void compute_kernel_hw_startup(uint32_t in, uint32_t out) {
    compute_kernel_hw_startup<src_order>(in, in, out);
}

// The older names; the oldest kernels leave buffers out that have the usual indices, here and in other headers.
ALWI void binary_op_init_common(uint32_t in0, uint32_t in1, uint32_t out = 16) {
    compute_kernel_hw_startup(in0, in1, out);
}
ALWI void unary_op_init_common(uint32_t in, uint32_t out = 16, uint32_t call_line = 0) {
    compute_kernel_hw_startup(in, out);
    tthal::tensix::select({.operand0 = in, .set_up = tthal::tensix::set_up_for(tthal::tensix::SetUp::COPY)});
}
ALWI void unary_op_init_common_no_pack(uint32_t in) {
    tthal::tensix::start_unpack(in, in);
    tthal::tensix::select({.operand0 = in, .set_up = tthal::tensix::set_up_for(tthal::tensix::SetUp::COPY)});
}
ALWI void init_sfpu(uint32_t in, uint32_t out = 16, uint32_t call_line = 0) { unary_op_init_common(in, out); }

}  // namespace ckernel
