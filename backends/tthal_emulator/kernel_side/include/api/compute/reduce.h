// Reducing a tile to a column, a row or one element; sums and maxima collect in DST.
#ifndef TTHAL_API_COMPUTE_REDUCE
#define TTHAL_API_COMPUTE_REDUCE

#include "api/compute/common.h"
#include "tthal/compute/unpacked_rows.h"

namespace tthal::tensix {

template <ckernel::PoolType type>
constexpr Pool pool_of() {
    static_assert(type != ckernel::PoolType::MIN,
                  "the pooling instruction has no minimum: negate the data and take MAX");
    if (type == ckernel::PoolType::MAX) return Pool::MAX;
    return type == ckernel::PoolType::SUM ? Pool::SUM : Pool::AVG;
}

constexpr Dimension dimension_of(ckernel::ReduceDim dimension) {
    if (dimension == ckernel::ReduceDim::REDUCE_ROW) return Dimension::ROW;
    return dimension == ckernel::ReduceDim::REDUCE_COL ? Dimension::COL : Dimension::SCALAR;
}

constexpr EdgeMask edge_mask_of(ckernel::ReduceDim dimension) {
    if (dimension == ckernel::ReduceDim::REDUCE_ROW) return EdgeMask::COLUMN_0;
    return dimension == ckernel::ReduceDim::REDUCE_COL ? EdgeMask::ROW_0 : EdgeMask::ELEMENT_0;
}

}  // namespace tthal::tensix

namespace ckernel {

// Until reduce_uninit the packer zeroes all that the reduction does not produce.
template <PoolType reduce_type, ReduceDim reduce_dim, bool is_fp32_dest_acc_en = false>
ALWI void reduce_init(uint32_t cb, uint32_t scaler_cb, uint32_t out, uint32_t call_line = 0) {
    using namespace tthal::tensix;
    select({.operand0 = cb,
            .operand1 = scaler_cb,
            .set_up = set_up_for(pool_of<reduce_type>(), dimension_of(reduce_dim))});
    tthal::tensix::mask_reductions(tthal::tensix::edge_mask_of(reduce_dim));
}
ALWI void reduce_uninit(uint32_t cb = 0) { tthal::tensix::mask_reductions(tthal::tensix::EdgeMask::NONE); }
// Up to 0.72 it was told whether reductions accumulate in float32.
template <bool enforce_fp32_accumulation = false>
ALWI void reduce_uninit(uint32_t cb = 0) {
    reduce_uninit(cb);
}

template <PoolType reduce_type, ReduceDim reduce_dim, bool is_fp32_dest_acc_en = false>
ALWI void reduce_tile(uint32_t cb, uint32_t scaler_cb, uint32_t tile, uint32_t scaler, uint32_t dst) {
    using namespace tthal::tensix;
    tthal::tensix::reduce_tile(pool_of<reduce_type>(), dimension_of(reduce_dim), cb, scaler_cb, tile, scaler, dst);
}

template <PoolType reduce_type, ReduceDim reduce_dim, bool is_fp32_dest_acc_en = false>
ALWI void reduce_block(uint32_t cb, uint32_t scaler_cb, uint32_t tile, uint32_t scaler, uint32_t dst, uint32_t tiles) {
    for (uint32_t i = 0; i < tiles; i++) reduce_tile<reduce_type, reduce_dim>(cb, scaler_cb, tile + i, scaler, dst + i);
}

// Of the next tile that unpack_tilizeA_B_block left in SrcA.
template <PoolType reduce_type, ReduceDim reduce_dim, bool is_fp32_dest_acc_en = false>
ALWI void reduce_tile_math(uint32_t dst, uint32_t num_faces = 4) {
    using namespace tthal::tensix;
    unpacked_rows.reduce(pool_of<reduce_type>(), dimension_of(reduce_dim), num_faces, dst);
}

}  // namespace ckernel

#endif

// The older calls take what they do from the program's defines, which are known where a kernel includes this.
#if defined(REDUCE_OP) && defined(REDUCE_DIM) && !defined(TTHAL_REDUCE_BY_DEFINES)
#define TTHAL_REDUCE_BY_DEFINES
namespace ckernel {
template <bool at_start = true, PoolType reduce_type = REDUCE_OP, ReduceDim reduce_dim = REDUCE_DIM>
ALWI void reduce_init(uint32_t cb, uint32_t scaler_cb, uint32_t out = 16) {
    tthal::tensix::configure(cb, scaler_cb, out);
    reduce_init<reduce_type, reduce_dim>(cb, scaler_cb, out);
}
template <PoolType reduce_type = REDUCE_OP, ReduceDim reduce_dim = REDUCE_DIM>
ALWI void reduce_init_short(uint32_t cb, uint32_t scaler_cb, uint32_t out = 16) {
    reduce_init<reduce_type, reduce_dim>(cb, scaler_cb, out);
}
ALWI void reduce_tile(uint32_t cb, uint32_t scaler_cb, uint32_t tile, uint32_t scaler, uint32_t dst) {
    reduce_tile<REDUCE_OP, REDUCE_DIM>(cb, scaler_cb, tile, scaler, dst);
}
ALWI void reduce_tile_math(uint32_t dst, uint32_t num_faces = 4) {
    reduce_tile_math<REDUCE_OP, REDUCE_DIM>(dst, num_faces);
}

// Kernels that go to a reduction and back in the middle; the buffers' order changed over time, and the tile calls name
// them anyway. The very oldest repeat the defines as arguments.
template <bool at_start, PoolType reduce_type = REDUCE_OP, ReduceDim reduce_dim = REDUCE_DIM>
ALWI void reduce_init_delta(uint32_t = 0, uint32_t = 1, uint32_t = 16) {
    tthal::tensix::selection.set_up = tthal::tensix::set_up_for(tthal::tensix::SetUp::ANY);
    tthal::tensix::mask_reductions(tthal::tensix::edge_mask_of(reduce_dim));
}
template <bool at_start>
ALWI void reduce_init_delta(PoolType, ReduceDim, uint32_t = 16, uint32_t = 0, uint32_t = 1) {
    reduce_init_delta<at_start>();
}
template <ReduceDim reduce_dim = REDUCE_DIM>
ALWI void reduce_revert_delta(uint32_t = 16) {
    reduce_uninit();
}
ALWI void reduce_tile(PoolType, ReduceDim, uint32_t cb, uint32_t scaler_cb, uint32_t tile, uint32_t scaler,
                      uint32_t dst) {
    reduce_tile(cb, scaler_cb, tile, scaler, dst);
}
}  // namespace ckernel
#endif
