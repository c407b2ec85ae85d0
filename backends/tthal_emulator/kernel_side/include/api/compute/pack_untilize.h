// Tiles in, row-major rows out. The output block is `full_ct_dim` tiles wide; a call writes `block_ct_dim` of them, at
// block_c_index * block_ct_dim.
#pragma once

#include "api/compute/tile_move_copy.h"
#include "api/debug/assert.h"

namespace tthal::tensix {

inline void pack_untilize_rows(uint32_t dst, uint32_t cb, uint32_t row, Untilize where) {
    where.offset = row * where.full * page_bytes(cb);
    where.set_up = pack_untilize_set_up(where.tiles, where.full);
    pack_untilize(dst, cb, where);
}

}  // namespace tthal::tensix

namespace ckernel {

namespace detail {
ALWI void select_pack_untilize(uint32_t out, uint32_t block, uint32_t full) {
    tthal::tensix::started |= tthal::tensix::PACK_STARTED;
    tthal::tensix::packer.set_up = tthal::tensix::pack_untilize_set_up(block, full);
    tthal::tensix::packer.masks_reductions = false;
    tthal::tensix::configure_pack(out);
}
}  // namespace detail

template <uint32_t block_ct_dim = 8, uint32_t full_ct_dim = block_ct_dim, bool is_fp32_dest_acc_en = false>
ALWI void pack_untilize_init(uint32_t cb, uint32_t out, uint32_t call_line = 0) {
    copy_init(cb);
    // Up to the middle of 2025 it configured all threads.
    tthal::tensix::started = tthal::tensix::ALL_STARTED;
    detail::select_pack_untilize(out, block_ct_dim, full_ct_dim);
}
template <uint32_t block_ct_dim = 8, uint32_t full_ct_dim = block_ct_dim, bool is_fp32_dest_acc_en = false>
ALWI void pack_untilize_init_skip_remap(uint32_t cb, uint32_t out, uint32_t call_line = 0) {
    pack_untilize_init<block_ct_dim, full_ct_dim>(cb, out);
}

template <uint32_t block_ct_dim = 8, uint32_t full_ct_dim = block_ct_dim, bool is_fp32_dest_acc_en = false>
ALWI void pack_untilize_block(uint32_t cb, uint32_t block_rt_dim, uint32_t out, uint32_t block_c_index = 0) {
    using namespace tthal::tensix;
    static_assert(full_ct_dim % block_ct_dim == 0, "full_ct_dim must be divisible by block_ct_dim");
    for (uint32_t row = 0; row < block_rt_dim; row++) {
        tthal::tensix::tile_regs_acquire();
        for (uint32_t tile = 0; tile < block_ct_dim; tile++) tthal::tensix::copy_tile(cb, tile, tile);
        tthal::tensix::tile_regs_commit();
        tthal::tensix::tile_regs_wait();
        pack_untilize_rows(0, out, row,
                           {.tiles = block_ct_dim, .full = full_ct_dim, .first = block_c_index * block_ct_dim});
        tthal::tensix::tile_regs_release();
    }
}

template <uint32_t block_ct_dim = 8, uint32_t full_ct_dim = block_ct_dim, bool narrow_row = false,
          uint32_t row_num_datums = TILE_C_DIM, bool dense = false, bool configure_remap = true,
          bool is_fp32_dest_acc_en = false>
ALWI void pack_untilize_dest_init(uint32_t out, uint32_t call_line = 0) {
    detail::select_pack_untilize(out, block_ct_dim, full_ct_dim);
}

// `narrow_row` writes only the first `row_num_datums` columns of every tile: up to 16, or all 32.
template <uint32_t block_ct_dim = 8, uint32_t full_ct_dim = block_ct_dim, bool diagonal = false,
          bool narrow_row = false, uint32_t row_num_datums = TILE_C_DIM, uint32_t tile_dst_ct_offset = 0,
          bool dense = false>
ALWI void pack_untilize_dest(uint32_t out, uint32_t block_rt_dim = 1, uint32_t block_c_index = 0,
                             uint32_t tile_dst_rt_offset = 0) {
    using namespace tthal::tensix;
    static_assert(full_ct_dim % block_ct_dim == 0, "full_ct_dim must be divisible by block_ct_dim");
    static_assert(!diagonal, "pack_untilize_dest: the packer's diagonal mode is not emulated");
    static_assert(!dense, "pack_untilize_dest: the packer's dense mode is not emulated");
    static_assert((row_num_datums > 0 && row_num_datums <= 16) || row_num_datums == 32,
                  "pack_untilize_dest: rows of up to 16, or of 32 datums");
    for (uint32_t row = 0; row < block_rt_dim; row++)
        pack_untilize_rows(row * block_ct_dim + tile_dst_ct_offset + tile_dst_rt_offset, out, row,
                           {.tiles = block_ct_dim,
                            .full = full_ct_dim,
                            .first = block_c_index * block_ct_dim,
                            .rows = narrow_row ? 32u : 0u,
                            .columns = narrow_row ? row_num_datums : 0u});
}

template <bool is_fp32_dest_acc_en = false>
ALWI void pack_untilize_uninit(uint32_t out) {
    pack_init(out);
}

// ---- the older names; face_r_dim and num_faces described the tiles before circular buffers did

template <uint32_t block_ct_dim = 8, uint32_t full_ct_dim = block_ct_dim, bool diagonal = false>
ALWI void pack_untilize_dst_init_short(uint32_t out, uint32_t face_r_dim = 16, uint32_t num_faces = 4) {
    pack_untilize_dest_init<block_ct_dim, full_ct_dim>(out);
}
template <uint32_t block_ct_dim = 8, uint32_t full_ct_dim = block_ct_dim>
ALWI void pack_untilize_init_short(uint32_t cb, uint32_t out) {
    pack_untilize_init<block_ct_dim, full_ct_dim>(cb, out);
}
template <uint32_t block_ct_dim = 8, uint32_t full_ct_dim = block_ct_dim, bool diagonal = false>
ALWI void pack_untilize_dst(uint32_t out, uint32_t block_rt_dim = 1, uint32_t block_c_index = 0,
                            uint32_t face_r_dim = 16, uint32_t num_faces = 4) {
    using namespace tthal::tensix;
    static_assert(!diagonal, "pack_untilize_dst: the packer's diagonal mode is not emulated");
    const uint32_t rows = num_faces > 2 ? 2 * face_r_dim : face_r_dim, columns = num_faces > 1 ? 32 : 16;
    const bool whole = rows == 32 && columns == 32;
    for (uint32_t row = 0; row < block_rt_dim; row++)
        pack_untilize_rows(row * block_ct_dim, out, row,
                           {.tiles = block_ct_dim,
                            .full = full_ct_dim,
                            .first = block_c_index * block_ct_dim,
                            .rows = whole ? 0 : rows,
                            .columns = whole ? 0 : columns});
}

// In early 2026 both had the names of today, and the sizes of a face still.
template <uint32_t block_ct_dim = 8, uint32_t full_ct_dim = block_ct_dim, bool narrow_row = false,
          uint32_t row_num_datums = TILE_C_DIM>
ALWI void pack_untilize_dest_init(uint32_t out, uint32_t face_r_dim, uint32_t num_faces, uint32_t call_line = 0) {
    pack_untilize_dest_init<block_ct_dim, full_ct_dim, narrow_row, row_num_datums>(out);
}
template <uint32_t block_ct_dim = 8, uint32_t full_ct_dim = block_ct_dim, bool diagonal = false,
          bool narrow_row = false, uint32_t row_num_datums = TILE_C_DIM, uint32_t tile_dst_ct_offset = 0>
ALWI void pack_untilize_dest(uint32_t out, uint32_t block_rt_dim, uint32_t block_c_index, uint32_t face_r_dim,
                             uint32_t num_faces, uint32_t tile_dst_rt_offset = 0) {
    if (face_r_dim == 16 && num_faces == 4)
        return pack_untilize_dest<block_ct_dim, full_ct_dim, diagonal, narrow_row, row_num_datums, tile_dst_ct_offset>(
            out, block_rt_dim, block_c_index, tile_dst_rt_offset);
    static_assert(!narrow_row, "pack_untilize_dest: narrow rows of short faces are not emulated");
    ASSERT(tile_dst_ct_offset == 0 && tile_dst_rt_offset == 0);
    pack_untilize_dst<block_ct_dim, full_ct_dim, diagonal>(out, block_rt_dim, block_c_index, face_r_dim, num_faces);
}

}  // namespace ckernel
