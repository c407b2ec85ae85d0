// Elementwise addition, subtraction and multiplication of two tiles in the FPU. Multiplication always adds onto DST.
//
// `call_line`, here and in other headers, is where the vendor's checks of set-ups report from; it is not needed here.
#pragma once

#include "api/compute/common.h"

namespace tthal::tensix {

template <ckernel::EltwiseBinaryType type>
constexpr BinaryOperation fpu_operation() {
    using enum ckernel::EltwiseBinaryType;
    static_assert(type == ELWADD || type == ELWSUB || type == ELWMUL,
                  "the FPU adds, subtracts and multiplies; nothing else");
    if (type == ELWMUL) return BinaryOperation::MUL;
    return type == ELWADD ? BinaryOperation::ADD : BinaryOperation::SUB;
}

}  // namespace tthal::tensix

namespace ckernel {

namespace detail {
template <EltwiseBinaryType type>
ALWI void select_binary(uint32_t in0, uint32_t in1, bool acc_to_dest) {
    using namespace tthal::tensix;
    select({.operand0 = in0,
            .operand1 = in1,
            .accumulate = acc_to_dest,
            .set_up = set_up_for(SetUp::BINARY, fpu_operation<type>(), Broadcast::NONE)});
}
}  // namespace detail

ALWI void add_init(uint32_t in0, uint32_t in1, bool acc_to_dest = false, uint32_t call_line = 0) {
    detail::select_binary<ELWADD>(in0, in1, acc_to_dest);
}
ALWI void sub_init(uint32_t in0, uint32_t in1, bool acc_to_dest = false, uint32_t call_line = 0) {
    detail::select_binary<ELWSUB>(in0, in1, acc_to_dest);
}
ALWI void mul_init(uint32_t in0, uint32_t in1, bool acc_to_dest = true, uint32_t call_line = 0) {
    detail::select_binary<ELWMUL>(in0, in1, acc_to_dest);
}

template <bool full_init, EltwiseBinaryType type>
ALWI void binary_tiles_init(uint32_t in0, uint32_t in1, bool acc_to_dest = false, uint32_t call_line = 0) {
    detail::select_binary<type>(in0, in1, acc_to_dest);
}

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

template <bool is_fp32_dest_acc_en = false>
ALWI void add_block(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst, uint32_t tiles) {
    for (uint32_t i = 0; i < tiles; i++) add_tiles(in0, in1, tile0 + i, tile1 + i, dst + i);
}
template <bool is_fp32_dest_acc_en = false>
ALWI void sub_block(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst, uint32_t tiles) {
    for (uint32_t i = 0; i < tiles; i++) sub_tiles(in0, in1, tile0 + i, tile1 + i, dst + i);
}
template <bool is_fp32_dest_acc_en = false>
ALWI void mul_block(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst, uint32_t tiles) {
    for (uint32_t i = 0; i < tiles; i++) mul_tiles(in0, in1, tile0 + i, tile1 + i, dst + i);
}

// ---- one operand is the DST tile itself: DEST_TO_SRCA is DST op tile, DEST_TO_SRCB is tile op DST

template <EltwiseBinaryType type, EltwiseBinaryReuseDestType reuse_dest = EltwiseBinaryReuseDestType::NONE>
ALWI void binary_reuse_dest_init(uint32_t cb, uint32_t call_line = 0) {
    using namespace tthal::tensix;
    constexpr bool to_srcb = reuse_dest == EltwiseBinaryReuseDestType::DEST_TO_SRCB;
    select({.operand0 = cb,
            .operand1 = cb,
            .set_up = set_up_for(SetUp::REUSE_DEST, fpu_operation<type>(),
                                 to_srcb ? ReuseDest::DEST_TO_SRCB : ReuseDest::DEST_TO_SRCA)});
}

template <EltwiseBinaryType type, EltwiseBinaryReuseDestType reuse_dest, bool is_fp32_dest_acc_en = false>
ALWI void binary_reuse_dest_tiles(uint32_t cb, uint32_t tile, uint32_t dst) {
    static_assert(reuse_dest != EltwiseBinaryReuseDestType::NONE,
                  "say which operand is DST: DEST_TO_SRCA or DEST_TO_SRCB");
    using tthal::tensix::ReuseDest;
    constexpr bool to_srcb = reuse_dest == EltwiseBinaryReuseDestType::DEST_TO_SRCB;
    constexpr ReuseDest reuse = to_srcb ? ReuseDest::DEST_TO_SRCB : ReuseDest::DEST_TO_SRCA;
    tthal::tensix::reuse_dest(tthal::tensix::fpu_operation<type>(), reuse, cb, tile, dst);
}

template <EltwiseBinaryReuseDestType reuse_dest>
ALWI void add_reuse_dest_init(uint32_t cb, uint32_t call_line = 0) {
    binary_reuse_dest_init<ELWADD, reuse_dest>(cb);
}
template <EltwiseBinaryReuseDestType reuse_dest>
ALWI void sub_reuse_dest_init(uint32_t cb, uint32_t call_line = 0) {
    binary_reuse_dest_init<ELWSUB, reuse_dest>(cb);
}
template <EltwiseBinaryReuseDestType reuse_dest>
ALWI void mul_reuse_dest_init(uint32_t cb, uint32_t call_line = 0) {
    binary_reuse_dest_init<ELWMUL, reuse_dest>(cb);
}

template <EltwiseBinaryReuseDestType reuse_dest, bool is_fp32_dest_acc_en = false>
ALWI void add_reuse_dest_tiles(uint32_t cb, uint32_t tile, uint32_t dst) {
    binary_reuse_dest_tiles<ELWADD, reuse_dest>(cb, tile, dst);
}
template <EltwiseBinaryReuseDestType reuse_dest, bool is_fp32_dest_acc_en = false>
ALWI void sub_reuse_dest_tiles(uint32_t cb, uint32_t tile, uint32_t dst) {
    binary_reuse_dest_tiles<ELWSUB, reuse_dest>(cb, tile, dst);
}
template <EltwiseBinaryReuseDestType reuse_dest, bool is_fp32_dest_acc_en = false>
ALWI void mul_reuse_dest_tiles(uint32_t cb, uint32_t tile, uint32_t dst) {
    binary_reuse_dest_tiles<ELWMUL, reuse_dest>(cb, tile, dst);
}

// ---- the older names

ALWI void add_tiles_init(uint32_t in0 = 0, uint32_t in1 = 1, bool acc_to_dest = false) {
    add_init(in0, in1, acc_to_dest);
}
ALWI void sub_tiles_init(uint32_t in0 = 0, uint32_t in1 = 1, bool acc_to_dest = false) {
    sub_init(in0, in1, acc_to_dest);
}
ALWI void mul_tiles_init(uint32_t in0 = 0, uint32_t in1 = 1) { mul_init(in0, in1); }
ALWI void add_tiles_init_nof() { tthal::tensix::select({}); }
ALWI void sub_tiles_init_nof() { tthal::tensix::select({}); }
ALWI void mul_tiles_init_f() { tthal::tensix::select({}); }

template <EltwiseBinaryType type = ELWADD, EltwiseBinaryReuseDestType reuse_dest = EltwiseBinaryReuseDestType::NONE>
ALWI void binary_dest_reuse_tiles_init(uint32_t cb) {
    binary_reuse_dest_init<type, reuse_dest>(cb);
}
template <EltwiseBinaryType type = ELWADD, EltwiseBinaryReuseDestType reuse_dest = EltwiseBinaryReuseDestType::NONE>
ALWI void binary_dest_reuse_tiles(uint32_t cb, uint32_t tile, uint32_t dst) {
    binary_reuse_dest_tiles<type, reuse_dest>(cb, tile, dst);
}

}  // namespace ckernel
