// Calls of the low-level kernel layer that user kernels make (device-api.md §4), and the constructs of it that cannot
// work on one compute processor: using one of those is a compile error that names it. What the threads wait for each
// other with is in compute_threads.h.
#pragma once

#include "api/compute/pack.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/sentinel/compute_kernel_sentinel.h"
#include "tthal/dataflow/mailboxes.h"

namespace ckernel {

ALWI void llk_pack_reconfig_l1_acc(uint32_t enable) { pack_reconfig_l1_acc(enable); }
ALWI void llk_pack_relu_config(const ReluConfig& config) { pack_relu_config(config); }
// The older form: mode in bits 0..1, threshold in bits 16..31.
ALWI void llk_pack_relu_config(uint32_t config) { pack_relu_config(ReluConfig::from_packed(config)); }
ALWI void llk_pack_relu_config(ReluType mode) {
    pack_relu_config(ReluConfig::from_packed(static_cast<uint32_t>(mode)));
}

template <bool is_fp32_dest_acc_en = false, bool is_tile_dim_reconfig_en = false>
ALWI void llk_pack_reconfig_data_format(uint32_t cb) {
    pack_reconfig_data_format(cb);
}

// ---- set-up in parts, as helper libraries do it; the parts of one set-up agree, so each may do all that concerns it

enum class PackMode : uint8_t { Default, Untilize, Tilize };
enum class p_dim_stride_target : uint8_t { IGNORE, FACE_ROW_MAJOR };

// compute_kernel_hw_startup, thread by thread; MATH takes its formats from the unpackers, and threads that hand over DST
// are one here.
template <auto... settings>
ALWI void llk_unpack_hw_configure(uint32_t in0, uint32_t in1) {
    tthal::tensix::start_unpack(in0, in1);
}
template <auto... settings>
ALWI void llk_unpack_hw_configure(uint32_t in) {
    llk_unpack_hw_configure(in, in);
}
template <auto... settings>
ALWI void llk_math_hw_configure(uint32_t in0, uint32_t in1) {}
template <auto... settings>
ALWI void llk_math_pack_sync_init() {}
template <auto... settings>
ALWI void llk_pack_hw_configure(uint32_t out) {
    tthal::tensix::start_pack(out);
}
template <auto... settings>
ALWI void llk_pack_dest_init() {}
template <auto... settings>
ALWI void llk_pack_dest_init(uint32_t out) {}

template <auto... settings>
ALWI void llk_unpack_reconfig_data_format_srca(uint32_t cb) {
    reconfig_data_format_srca(cb);
}
template <auto... settings>
ALWI void llk_unpack_reconfig_data_format_srca(uint32_t old_cb, uint32_t cb) {
    reconfig_data_format_srca(old_cb, cb);
}
template <auto... settings>
ALWI void llk_math_reconfig_data_format_srca(uint32_t cb) {
    reconfig_data_format_srca(cb);
}
template <auto... settings>
ALWI void llk_math_reconfig_data_format_srca(uint32_t old_cb, uint32_t cb) {
    reconfig_data_format_srca(old_cb, cb);
}

template <auto... settings>
ALWI void llk_unpack_reconfig_data_format(uint32_t cb0, uint32_t cb1) {
    reconfig_data_format(cb0, cb1);
}
template <auto... settings>
ALWI void llk_unpack_reconfig_data_format(uint32_t old0, uint32_t cb0, uint32_t old1, uint32_t cb1) {
    reconfig_data_format(old0, cb0, old1, cb1);
}
template <auto... settings>
ALWI void llk_math_reconfig_data_format(uint32_t cb0, uint32_t cb1) {
    reconfig_data_format(cb0, cb1);
}
template <auto... settings>
ALWI void llk_math_reconfig_data_format(uint32_t old0, uint32_t cb0, uint32_t old1, uint32_t cb1) {
    reconfig_data_format(old0, cb0, old1, cb1);
}

// A copy's flags come with the unpacker's part of its set-up; the other part has none of its own.
constexpr bool UnpackToDestEn = true;
enum class DataCopyType : uint8_t { A2D, B2D };
template <BroadcastType broadcast = BroadcastType::NONE, bool acc_to_dest = false,
          EltwiseBinaryReuseDestType reuse_dest = EltwiseBinaryReuseDestType::NONE, auto... settings>
ALWI void llk_unpack_A_init(uint32_t transpose_of_faces = 0, uint32_t within_face_16x16_transpose = 0,
                            uint32_t cb = 0) {
    using namespace tthal::tensix;
    static_assert(broadcast == BroadcastType::NONE && !acc_to_dest && reuse_dest == EltwiseBinaryReuseDestType::NONE,
                  "llk_unpack_A_init is emulated for plain copies; use unary_bcast_init or binary_reuse_dest_init");
    select({.operand0 = cb, .copy = {transpose_of_faces != 0, within_face_16x16_transpose != 0}});
}
template <DataCopyType type, bool is_fp32_dest_acc_en = false, BroadcastType broadcast = BroadcastType::NONE,
          auto... settings>
ALWI void llk_math_eltwise_unary_datacopy_init(uint32_t cb) {
    static_assert(type == DataCopyType::A2D && broadcast == BroadcastType::NONE,
                  "llk_math_eltwise_unary_datacopy_init is emulated for plain copies; use unary_bcast_init");
    tthal::tensix::selection.operand0 = cb;
    tthal::tensix::selection.set_up = tthal::tensix::set_up_for(tthal::tensix::SetUp::ANY);
}

template <BroadcastType broadcast = BroadcastType::NONE, auto... settings>
ALWI void llk_unpack_AB_init(uint32_t in0, uint32_t in1) {
    tthal::tensix::select({.operand0 = in0, .operand1 = in1});
}
template <EltwiseBinaryType type, BroadcastType broadcast, auto... settings>
ALWI void llk_math_eltwise_binary_init(uint32_t in0, uint32_t in1, bool acc_to_dest = false) {
    tthal::tensix::select({.operand0 = in0, .operand1 = in1, .accumulate = acc_to_dest});
}
// Up to 0.72 the unpacker's part alone named the buffers.
template <EltwiseBinaryType type, BroadcastType broadcast, auto... settings>
ALWI void llk_math_eltwise_binary_init() {}
template <PoolType type, ReduceDim dimension, auto... settings>
ALWI void llk_unpack_AB_reduce_init(uint32_t cb, uint32_t scaler_cb) {
    tthal::tensix::select({.operand0 = cb, .operand1 = scaler_cb});
}
template <PoolType type, ReduceDim dimension, auto... settings>
ALWI void llk_math_reduce_init(uint32_t cb, uint32_t scaler_cb) {
    llk_unpack_AB_reduce_init<type, dimension>(cb, scaler_cb);
}
// Up to 0.72 the unpacker's part alone named the buffers.
template <PoolType type, ReduceDim dimension, auto... settings>
ALWI void llk_math_reduce_init() {}
template <ReduceDim dimension, auto... settings>
ALWI void llk_pack_reduce_mask_config(uint32_t = 0) {
    using tthal::tensix::EdgeMask;
    tthal::tensix::packer.masks_reductions = false;
    tthal::tensix::packer.edge_mask = dimension == ReduceDim::REDUCE_ROW   ? EdgeMask::COLUMN_0
                                      : dimension == ReduceDim::REDUCE_COL ? EdgeMask::ROW_0
                                                                           : EdgeMask::ELEMENT_0;
}
ALWI void llk_pack_reduce_mask_clear() { tthal::tensix::mask_reductions(tthal::tensix::EdgeMask::NONE); }

// `tiles` is how many neighbours in DST every packing call moves from then on.
template <auto... settings>
ALWI void llk_pack_init(uint32_t cb, uint32_t tiles = 1) {
    tthal::tensix::packer.tiles_per_call = tiles;
    tthal::tensix::packer.set_up = 0;
}
template <bool is_fp32_dest_acc_en = false, bool out_of_order_output = false, PackMode mode = PackMode::Default>
ALWI void llk_pack(uint32_t dst, uint32_t cb, uint32_t output_tile = 0) {
    static_assert(mode == PackMode::Default, "llk_pack is emulated for whole tiles; use pack_untilize_dest");
    pack_tile<out_of_order_output>(dst, cb, output_tile);
}
template <bool is_fp32_dest_acc_en = false, bool out_of_order_output = false, PackMode mode = PackMode::Default>
ALWI void llk_matmul_pack(uint32_t dst, uint32_t cb, uint32_t tiles, uint32_t output_tile = 0) {
    static_assert(mode == PackMode::Default, "llk_matmul_pack is emulated for whole tiles; use pack_untilize_dest");
    for (uint32_t tile = 0; tile < tiles; tile++) pack_tile<out_of_order_output>(dst + tile, cb, output_tile + tile);
}

// Where the datums of a tile lie in DST is always the same here, however the hardware is told to map its rows.
ALWI void llk_math_reconfig_remap(bool) {}

ALWI void zeroacc() { tthal::tensix::clear_dst(); }

// Names of circular buffers are their numbers.
constexpr uint32_t get_operand_id(uint32_t cb) { return cb; }

}  // namespace ckernel

// Instructions of the Tensix coprocessor that do more than order others: nothing here executes them one by one.
#define TTHAL_REFUSED_INSTRUCTION(name) \
    static_assert(false, #name " is not emulated: Tensix instructions cannot be issued one by one; use the compute API")
#define TTI_SEMPOST(...) TTHAL_REFUSED_INSTRUCTION(TTI_SEMPOST)
#define TTI_SEMGET(...) TTHAL_REFUSED_INSTRUCTION(TTI_SEMGET)
#define TTI_SEMINIT(...) TTHAL_REFUSED_INSTRUCTION(TTI_SEMINIT)
#define TTI_INCRWC(...) TTHAL_REFUSED_INSTRUCTION(TTI_INCRWC)
#define TTI_SFPLOAD(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPLOAD)
#define TTI_SFPLOADI(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPLOADI)
#define TT_SFPLOADI(...) TTHAL_REFUSED_INSTRUCTION(TT_SFPLOADI)
#define TTI_SFPSTORE(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPSTORE)
#define TTI_SFPMAD(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPMAD)
#define TTI_SFPADD(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPADD)
#define TTI_SFPMUL(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPMUL)
#define TTI_SFPIADD(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPIADD)
#define TT_SFPIADD(...) TTHAL_REFUSED_INSTRUCTION(TT_SFPIADD)
#define TTI_SFPMOV(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPMOV)
#define TTI_SFPAND(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPAND)
#define TTI_SFPOR(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPOR)
#define TTI_SFPXOR(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPXOR)
#define TTI_SFPNOT(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPNOT)
#define TTI_SFPSHFT(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPSHFT)
#define TTI_SFPSHFT2(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPSHFT2)
#define TTI_SFPSWAP(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPSWAP)
#define TTI_SFPTRANSP(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPTRANSP)
#define TTI_SFPCONFIG(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPCONFIG)
#define TTI_SFPSETCC(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPSETCC)
#define TTI_SFPENCC(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPENCC)
#define TTI_SFPNOP TTHAL_REFUSED_INSTRUCTION(TTI_SFPNOP)
#define TTI_REPLAY(...) TTHAL_REFUSED_INSTRUCTION(TTI_REPLAY)
#define TTI_NOP TTHAL_REFUSED_INSTRUCTION(TTI_NOP)
#define TTI_WRCFG(...) TTHAL_REFUSED_INSTRUCTION(TTI_WRCFG)
#define TTI_ZEROACC(...) TTHAL_REFUSED_INSTRUCTION(TTI_ZEROACC)
#define TTI_MVMUL(...) TTHAL_REFUSED_INSTRUCTION(TTI_MVMUL)
#define TTI_ELWADD(...) TTHAL_REFUSED_INSTRUCTION(TTI_ELWADD)
#define TTI_ELWSUB(...) TTHAL_REFUSED_INSTRUCTION(TTI_ELWSUB)
#define TTI_ELWMUL(...) TTHAL_REFUSED_INSTRUCTION(TTI_ELWMUL)
#define TTI_GAPOOL(...) TTHAL_REFUSED_INSTRUCTION(TTI_GAPOOL)
#define TTI_GMPOOL(...) TTHAL_REFUSED_INSTRUCTION(TTI_GMPOOL)
#define TTI_MOVA2D(...) TTHAL_REFUSED_INSTRUCTION(TTI_MOVA2D)
#define TTI_MOVB2D(...) TTHAL_REFUSED_INSTRUCTION(TTI_MOVB2D)
#define TTI_MOVD2A(...) TTHAL_REFUSED_INSTRUCTION(TTI_MOVD2A)
#define TTI_MOVD2B(...) TTHAL_REFUSED_INSTRUCTION(TTI_MOVD2B)
#define TTI_TRNSPSRCB(...) TTHAL_REFUSED_INSTRUCTION(TTI_TRNSPSRCB)
#define TTI_UNPACR(...) TTHAL_REFUSED_INSTRUCTION(TTI_UNPACR)
#define TTI_UNPACR_NOP(...) TTHAL_REFUSED_INSTRUCTION(TTI_UNPACR_NOP)
#define TTI_PACR(...) TTHAL_REFUSED_INSTRUCTION(TTI_PACR)
#define TTI_ZEROSRC(...) TTHAL_REFUSED_INSTRUCTION(TTI_ZEROSRC)
#define TTI_CLEARDVALID(...) TTHAL_REFUSED_INSTRUCTION(TTI_CLEARDVALID)
#define TTI_MOP(...) TTHAL_REFUSED_INSTRUCTION(TTI_MOP)
