// Row-major rows in, tiles out. A block is as many rows as a tile is high and `block` tiles wide.
#pragma once

#include "api/compute/reduce.h"
#include "tthal/compute/unpacked_rows.h"

namespace tthal::tensix {

// Every tile goes through a section of its own, from DST tile 0 to `output` pages behind the write pointer.
inline void tilize_block(uint32_t cb, uint32_t tiles, uint32_t out, uint32_t input, uint32_t output, bool fast) {
    for (uint32_t tile = 0; tile < tiles; tile++) {
        tile_regs_acquire();
        tilize_tile(cb, tiles, input, tile, 0, fast);
        tile_regs_commit();
        tile_regs_wait();
        pack_tile(0, out, true, output + tile);
        tile_regs_release();
    }
}

}  // namespace tthal::tensix

namespace ckernel {

namespace detail {
ALWI void select_tilize(uint32_t cb, uint32_t block) {
    using namespace tthal::tensix;
    select({.operand0 = cb, .set_up = tilize_set_up(block)});
    unpacker = SetUp::TILIZE;
}
ALWI void deselect_tilize(uint32_t cb) {
    tthal::tensix::select({.operand0 = cb});
    tthal::tensix::unpacker = tthal::tensix::SetUp::NONE;
}
}  // namespace detail

// Up to the middle of 2025 it configured all threads; the short forms and the fast ones never did.
template <bool is_fp32_dest_acc_en = false>
ALWI void tilize_init(uint32_t cb, uint32_t block, uint32_t out = 16, uint32_t call_line = 0) {
    tthal::tensix::started = tthal::tensix::ALL_STARTED;
    detail::select_tilize(cb, block);
}
template <bool is_fp32_dest_acc_en = false>
ALWI void tilize_init_short_with_dt(uint32_t old_cb, uint32_t cb, uint32_t block, uint32_t out) {
    reconfig_data_format_srca(old_cb, cb);
    detail::select_tilize(cb, block);
}
template <bool is_fp32_dest_acc_en = false>
ALWI void tilize_block(uint32_t cb, uint32_t block, uint32_t out, uint32_t input_tile_index = 0,
                       uint32_t output_tile_index = 0) {
    tthal::tensix::tilize_block(cb, block, out, input_tile_index, output_tile_index, false);
}
ALWI void tilize_uninit(uint32_t cb, uint32_t out) { detail::deselect_tilize(cb); }
ALWI void tilize_uninit_with_dt(uint32_t old_cb, uint32_t cb, uint32_t out) {
    reconfig_data_format_srca(old_cb, cb);
    tilize_uninit(cb, out);
}

// The fast family moves the same datums by another path, on which exponent 0 becomes +0.
template <bool is_fp32_dest_acc_en = false>
ALWI void fast_tilize_init(uint32_t cb, uint32_t full_dim, uint32_t out, uint32_t call_line = 0) {
    detail::select_tilize(cb, full_dim);
}
template <bool is_fp32_dest_acc_en = false>
ALWI void fast_tilize_init_skip_remap(uint32_t cb, uint32_t full_dim, uint32_t out, uint32_t call_line = 0) {
    detail::select_tilize(cb, full_dim);
}
template <bool is_fp32_dest_acc_en = false>
ALWI void fast_tilize_init_with_dt(uint32_t cb, uint32_t full_dim, uint32_t out) {
    reconfig_data_format(cb, cb);
    detail::select_tilize(cb, full_dim);
}
template <bool is_fp32_dest_acc_en = false>
ALWI void fast_tilize_init_with_dt_skip_remap(uint32_t cb, uint32_t full_dim, uint32_t out) {
    fast_tilize_init_with_dt(cb, full_dim, out);
}
template <bool is_fp32_dest_acc_en = false>
ALWI void fast_tilize_block(uint32_t cb, uint32_t block, uint32_t out, uint32_t input_tile_index = 0,
                            uint32_t output_tile_index = 0) {
    tthal::tensix::tilize_block(cb, block, out, input_tile_index, output_tile_index, true);
}
template <bool is_fp32_dest_acc_en = false>
ALWI void fast_tilize_uninit(uint32_t cb, uint32_t out, uint32_t full_dim = 0) {
    tilize_uninit(cb, out);
}

// ---- rows that become SrcA's tiles while SrcB gets a scaler; reduce_tile_math takes them one after the other. Rows that a
// tile of the buffer lacks do not count in a reduction, so they are -infinity for maxima and 0 for sums.

template <bool neginf_srcA = true, std::uint32_t reload_srcB = true, bool zero_srcA = false,
          bool zero_srcA_reduce = false>
ALWI void llk_unpack_tilizeA_B_init(uint32_t cb, uint32_t scaler_cb, uint32_t block) {
    static_assert(!zero_srcA, "tilizeA_B is emulated for reductions only: zero_srcA must be false");
    tthal::tensix::unpacked_rows.width = block;
    tthal::tensix::unpacker = tthal::tensix::SetUp::TILIZE_REDUCE;
}
template <bool neginf_srcA = true, std::uint32_t reload_srcB = true, bool zero_srcA = false,
          bool zero_srcA_reduce = false>
ALWI void unpack_tilizeA_B_block(uint32_t cb, uint32_t scaler_cb, uint32_t block, uint32_t scaler_tile) {
    static_assert(!zero_srcA, "tilizeA_B is emulated for reductions only: zero_srcA must be false");
    tthal::tensix::unpacked_rows.take(cb, scaler_cb, block, scaler_tile);
}
ALWI void unpack_tilizeA_B_uninit(uint32_t cb) { detail::deselect_tilize(cb); }

// The older names.
ALWI void tilize_init_short(uint32_t cb, uint32_t block, uint32_t out) { detail::select_tilize(cb, block); }
ALWI void tilize_init_no_pack(uint32_t cb, uint32_t block) {
    tthal::tensix::started |= tthal::tensix::UNPACK_STARTED;
    detail::select_tilize(cb, block);
}
ALWI void tilize_uninit_no_pack(uint32_t cb) { detail::deselect_tilize(cb); }

}  // namespace ckernel

// What is reduced, and how, comes from the program's defines.
#if defined(REDUCE_OP) && defined(REDUCE_DIM)
namespace ckernel {
template <bool neginf_srcA = true, bool zero_srcA_reduce = false, bool is_fp32_dest_acc_en = false>
ALWI void tilizeA_B_reduce_init(uint32_t cb, uint32_t scaler_cb, uint32_t block, uint32_t call_line = 0) {
    llk_unpack_tilizeA_B_init<neginf_srcA, true, false, zero_srcA_reduce>(cb, scaler_cb, block);
    tthal::tensix::started = tthal::tensix::ALL_STARTED;  // as it did up to the middle of 2026
    tthal::tensix::select({.operand0 = cb, .operand1 = scaler_cb});
}
}  // namespace ckernel
#endif
