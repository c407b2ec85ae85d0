// Elementwise operations whose second operand is one row, one column or one element of a tile; and the same for a copy.
#pragma once

#include "api/compute/eltwise_binary.h"

namespace tthal::tensix {

constexpr Broadcast broadcast_of(ckernel::BroadcastType type) {
    switch (type) {
        case ckernel::BroadcastType::ROW: return Broadcast::ROW;
        case ckernel::BroadcastType::COL: return Broadcast::COL;
        case ckernel::BroadcastType::SCALAR: return Broadcast::SCALAR;
        default: return Broadcast::NONE;
    }
}

template <ckernel::EltwiseBinaryType operation, ckernel::BroadcastType dimension>
ALWI void broadcast_tiles(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst, uint32_t row = 0) {
    binary_tiles(fpu_operation<operation>(), broadcast_of(dimension), in0, in1, tile0, tile1, dst, false, row);
}

}  // namespace tthal::tensix

namespace ckernel {

template <EltwiseBinaryType tBcastOp, BroadcastType tBcastDim>
ALWI void bcast_init(uint32_t in0, uint32_t in1, uint32_t call_line = 0) {
    using namespace tthal::tensix;
    select({.operand0 = in0,
            .operand1 = in1,
            .set_up = set_up_for(SetUp::BINARY, fpu_operation<tBcastOp>(), broadcast_of(tBcastDim))});
}

// `bcast_row_idx` chooses the row of a row broadcast.
template <EltwiseBinaryType tBcastOp, BroadcastType tBcastDim, bool is_fp32_dest_acc_en = false>
ALWI void any_tiles_bcast(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst,
                          uint32_t bcast_row_idx = 0) {
    tthal::tensix::broadcast_tiles<tBcastOp, tBcastDim>(in0, in1, tile0, tile1, dst, bcast_row_idx);
}

#define TTHAL_BCAST(name, NAME) \
    ALWI void name##_bcast_rows_init(uint32_t in0, uint32_t in1, uint32_t call_line = 0) { \
        bcast_init<NAME, BroadcastType::ROW>(in0, in1); \
    } \
    ALWI void name##_bcast_cols_init(uint32_t in0, uint32_t in1, uint32_t call_line = 0) { \
        bcast_init<NAME, BroadcastType::COL>(in0, in1); \
    } \
    ALWI void name##_bcast_scalar_init(uint32_t in0, uint32_t in1, uint32_t call_line = 0) { \
        bcast_init<NAME, BroadcastType::SCALAR>(in0, in1); \
    } \
    template <BroadcastType tBcastDim, bool is_fp32_dest_acc_en = false> \
    ALWI void name##_tiles_bcast(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst, \
                                 uint32_t bcast_row_idx = 0) { \
        any_tiles_bcast<NAME, tBcastDim>(in0, in1, tile0, tile1, dst, bcast_row_idx); \
    } \
    template <bool is_fp32_dest_acc_en = false> \
    ALWI void name##_tiles_bcast_rows(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst, \
                                      uint32_t bcast_row_idx = 0) { \
        any_tiles_bcast<NAME, BroadcastType::ROW>(in0, in1, tile0, tile1, dst, bcast_row_idx); \
    } \
    template <bool is_fp32_dest_acc_en = false> \
    ALWI void name##_tiles_bcast_cols(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst) { \
        any_tiles_bcast<NAME, BroadcastType::COL>(in0, in1, tile0, tile1, dst); \
    } \
    template <bool is_fp32_dest_acc_en = false> \
    ALWI void name##_tiles_bcast_scalar(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst) { \
        any_tiles_bcast<NAME, BroadcastType::SCALAR>(in0, in1, tile0, tile1, dst); \
    } \
    /* The older names. */ \
    ALWI void name##_bcast_rows_init_short(uint32_t in0, uint32_t in1, uint32_t call_line = 0) { \
        name##_bcast_rows_init(in0, in1); \
    } \
    ALWI void name##_bcast_cols_init_short(uint32_t in0, uint32_t in1, uint32_t call_line = 0) { \
        name##_bcast_cols_init(in0, in1); \
    } \
    ALWI void name##_tiles_bcast_scalar_init_short(uint32_t in0, uint32_t in1, uint32_t call_line = 0) { \
        name##_bcast_scalar_init(in0, in1); \
    }

TTHAL_BCAST(add, ELWADD)
TTHAL_BCAST(sub, ELWSUB)
TTHAL_BCAST(mul, ELWMUL)
#undef TTHAL_BCAST
ALWI void add_bcast_scalar_init_short(uint32_t in0, uint32_t in1, uint32_t call_line = 0) {
    add_bcast_scalar_init(in0, in1);
}

template <BroadcastType bcast_type, bool is_fp32_dest_acc_en = false>
ALWI void unary_bcast_init(uint32_t cb) {
    using namespace tthal::tensix;
    constexpr Broadcast broadcast = broadcast_of(bcast_type);
    constexpr uint32_t wanted =
        broadcast == Broadcast::NONE ? set_up_for(SetUp::COPY) : set_up_for(SetUp::UNARY_BROADCAST, broadcast);
    select({.operand0 = cb, .operand1 = cb, .set_up = wanted});
}
template <BroadcastType bcast_type, bool is_fp32_dest_acc_en = false>
ALWI void unary_bcast(uint32_t cb, uint32_t tile, uint32_t dst) {
    tthal::tensix::unary_broadcast(tthal::tensix::broadcast_of(bcast_type), cb, tile, dst);
}
template <BroadcastType bcast_type>
ALWI void unary_bcast_uninit(uint32_t cb) {
    tthal::tensix::select({.operand0 = cb});
}

// ---- the older names

template <EltwiseBinaryType tBcastOp, BroadcastType tBcastDim>
ALWI void init_bcast(uint32_t in0, uint32_t in1, uint32_t out = 16) {
    compute_kernel_hw_startup(in0, in1, out);
    bcast_init<tBcastOp, tBcastDim>(in0, in1);
}
template <BroadcastType bcast_type>
ALWI void unary_bcast_init(uint32_t cb, uint32_t out) {
    compute_kernel_hw_startup(cb, out);
    unary_bcast_init<bcast_type>(cb);
}
template <BroadcastType old_type, BroadcastType bcast_type>
ALWI void reconfigure_unary_bcast(uint32_t old_cb, uint32_t cb, uint32_t old_out, uint32_t out) {
    reconfig_data_format(old_cb, cb, old_cb, cb);
    pack_reconfig_data_format(old_out, out);
    unary_bcast_init<bcast_type>(cb);
}

}  // namespace ckernel
