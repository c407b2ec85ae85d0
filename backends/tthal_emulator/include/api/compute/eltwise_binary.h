// Elementwise addition, subtraction and multiplication of two tiles in the FPU. Multiplication always adds onto DST.
#pragma once

#include "api/compute/common.h"

namespace ckernel {

ALWI void add_init(uint32_t in0, uint32_t in1, bool acc_to_dest = false) {
    tthal::tensix::select({.operand0 = in0, .operand1 = in1, .accumulate = acc_to_dest});
}
ALWI void sub_init(uint32_t in0, uint32_t in1, bool acc_to_dest = false) { add_init(in0, in1, acc_to_dest); }
ALWI void mul_init(uint32_t in0, uint32_t in1, bool acc_to_dest = true) { add_init(in0, in1, acc_to_dest); }

template <bool full_init, EltwiseBinaryType type>
ALWI void binary_tiles_init(uint32_t in0, uint32_t in1, bool acc_to_dest = false) { add_init(in0, in1, acc_to_dest); }

template <bool is_fp32_dest_acc_en = false>
ALWI void add_tiles(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst) {
    using namespace tthal::tensix;
    binary_tiles(BinaryOperation::ADD, Broadcast::NONE, in0, in1, tile0, tile1, dst, selection.accumulate);
}

template <bool is_fp32_dest_acc_en = false>
ALWI void sub_tiles(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst) {
    using namespace tthal::tensix;
    binary_tiles(BinaryOperation::SUB, Broadcast::NONE, in0, in1, tile0, tile1, dst, selection.accumulate);
}

template <bool is_fp32_dest_acc_en = false>
ALWI void mul_tiles(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst) {
    using namespace tthal::tensix;
    binary_tiles(BinaryOperation::MUL, Broadcast::NONE, in0, in1, tile0, tile1, dst, true);
}

// The older names.
ALWI void add_tiles_init(uint32_t in0, uint32_t in1, bool acc_to_dest = false) { add_init(in0, in1, acc_to_dest); }
ALWI void sub_tiles_init(uint32_t in0, uint32_t in1, bool acc_to_dest = false) { sub_init(in0, in1, acc_to_dest); }
ALWI void mul_tiles_init(uint32_t in0, uint32_t in1) { mul_init(in0, in1); }

}  // namespace ckernel
