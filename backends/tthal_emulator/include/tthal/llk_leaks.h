// Calls of the low-level kernel layer that user kernels make (device-api.md §4), and the constructs of it that cannot
// work on one compute processor: using one of those is a compile error that names it.
#pragma once

#include "api/compute/pack.h"
#include "api/compute/reconfig_data_format.h"
#include "tthal/mailboxes.h"

namespace ckernel {

ALWI void llk_pack_reconfig_l1_acc(uint32_t enable) { pack_reconfig_l1_acc(enable); }
ALWI void llk_pack_relu_config(const ReluConfig& config) { pack_relu_config(config); }
// The older form: mode in bits 0..1, threshold in bits 16..31.
ALWI void llk_pack_relu_config(uint32_t config) { pack_relu_config(ReluConfig::from_packed(config)); }
ALWI void llk_pack_relu_config(ReluType mode) { pack_relu_config(ReluConfig::from_packed(static_cast<uint32_t>(mode))); }

template <bool is_fp32_dest_acc_en = false, bool is_tile_dim_reconfig_en = false>
ALWI void llk_pack_reconfig_data_format(uint32_t cb) { pack_reconfig_data_format(cb); }

// ---- set-up in parts, as helper libraries do it; the parts of one set-up agree, so each may do all that concerns it

enum class PackMode : uint8_t { Default, Untilize, Tilize };
enum class p_dim_stride_target : uint8_t { IGNORE, FACE_ROW_MAJOR };

template <auto... settings>
ALWI void llk_unpack_reconfig_data_format_srca(uint32_t cb) { reconfig_data_format_srca(cb); }
template <auto... settings>
ALWI void llk_unpack_reconfig_data_format_srca(uint32_t old_cb, uint32_t cb) { reconfig_data_format_srca(old_cb, cb); }
template <auto... settings>
ALWI void llk_math_reconfig_data_format_srca(uint32_t cb) { reconfig_data_format_srca(cb); }
template <auto... settings>
ALWI void llk_math_reconfig_data_format_srca(uint32_t old_cb, uint32_t cb) { reconfig_data_format_srca(old_cb, cb); }

template <BroadcastType broadcast = BroadcastType::NONE, auto... settings>
ALWI void llk_unpack_AB_init(uint32_t in0, uint32_t in1) { tthal::tensix::select({.operand0 = in0, .operand1 = in1}); }
template <EltwiseBinaryType type, BroadcastType broadcast, auto... settings>
ALWI void llk_math_eltwise_binary_init(uint32_t in0, uint32_t in1, bool acc_to_dest = false) {
    tthal::tensix::select({.operand0 = in0, .operand1 = in1, .accumulate = acc_to_dest});
}
template <PoolType type, ReduceDim dimension, auto... settings>
ALWI void llk_unpack_AB_reduce_init(uint32_t cb, uint32_t scaler_cb) {
    tthal::tensix::select({.operand0 = cb, .operand1 = scaler_cb});
}
template <PoolType type, ReduceDim dimension, auto... settings>
ALWI void llk_math_reduce_init(uint32_t cb, uint32_t scaler_cb) { llk_unpack_AB_reduce_init<type, dimension>(cb, scaler_cb); }
ALWI void llk_pack_reduce_mask_clear() { tthal::tensix::packer.edge_mask = tthal::tensix::EdgeMask::NONE; }

}  // namespace ckernel

namespace tthal {

template <typename...>
constexpr bool never = false;

}  // namespace tthal

#define TTHAL_REFUSED(name, reason)                                                        \
    template <typename... Arguments>                                                       \
    ALWI uint32_t name(Arguments...) {                                                     \
        static_assert(tthal::never<Arguments...>, #name " is not emulated: " reason);      \
        return 0;                                                                          \
    }

namespace ckernel {

TTHAL_REFUSED(t6_semaphore_post, "the three compute threads are one processor here and need no semaphores between them")
TTHAL_REFUSED(t6_semaphore_get, "the three compute threads are one processor here and need no semaphores between them")
TTHAL_REFUSED(t6_semaphore_wait_on_zero, "the three compute threads are one processor here and need no semaphores")

}  // namespace ckernel

#undef TTHAL_REFUSED

// Instructions of the Tensix coprocessor: nothing here executes them one by one.
#define TTHAL_REFUSED_INSTRUCTION(name) \
    static_assert(false, #name " is not emulated: Tensix instructions cannot be issued one by one; use the compute API")
#define TTI_STALLWAIT(...) TTHAL_REFUSED_INSTRUCTION(TTI_STALLWAIT)
#define TTI_SEMWAIT(...) TTHAL_REFUSED_INSTRUCTION(TTI_SEMWAIT)
#define TTI_SEMPOST(...) TTHAL_REFUSED_INSTRUCTION(TTI_SEMPOST)
#define TTI_SEMGET(...) TTHAL_REFUSED_INSTRUCTION(TTI_SEMGET)
#define TTI_SETRWC(...) TTHAL_REFUSED_INSTRUCTION(TTI_SETRWC)
#define TTI_SFPLOAD(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPLOAD)
#define TTI_SFPLOADI(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPLOADI)
#define TTI_SFPSTORE(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPSTORE)
#define TTI_SFPMAD(...) TTHAL_REFUSED_INSTRUCTION(TTI_SFPMAD)
#define TT_SETC16(...) TTHAL_REFUSED_INSTRUCTION(TT_SETC16)
