// Copying tiles from a circular buffer to DST.
#pragma once

#include "api/compute/common.h"

namespace ckernel {

// The flags exchange the second and third face, and transpose each face.
template <bool is_fp32_dest_acc_en = false>
ALWI void copy_init(uint32_t cb, uint32_t transpose = 0, uint32_t transpose_within_16x16_face = false,
                    uint32_t call_line = 0) {
    using namespace tthal::tensix;
    select({.operand0 = cb,
            .copy = {transpose != 0, transpose_within_16x16_face != 0},
            .set_up = set_up_for(SetUp::COPY)});
}

template <bool is_fp32_dest_acc_en = false>
ALWI void copy_tile(uint32_t cb, uint32_t tile, uint32_t dst) {
    tthal::tensix::copy_tile(cb, tile, dst);
}

template <bool is_fp32_dest_acc_en = false>
ALWI void copy_block(uint32_t cb, uint32_t tile, uint32_t dst, uint32_t tiles) {
    for (uint32_t i = 0; i < tiles; i++) tthal::tensix::copy_tile(cb, tile + i, dst + i);
}

// The older names.
ALWI void copy_tile_init(uint32_t cb = 0) { copy_init(cb); }
ALWI void copy_tile_to_dst_init_short(uint32_t cb = 0, uint32_t transpose = 0,
                                      uint32_t transpose_within_16x16_face = false) {
    copy_init(cb, transpose, transpose_within_16x16_face);
}
ALWI void copy_tile_to_dst_init_short_with_dt(uint32_t old_cb, uint32_t cb, uint32_t transpose = 0) {
    reconfig_data_format_srca(old_cb, cb);
    copy_init(cb, transpose);
}
ALWI void copy_block_matmul_partials(uint32_t cb, uint32_t tile, uint32_t dst, uint32_t tiles) {
    copy_block(cb, tile, dst, tiles);
}

// An operation of the unpacker that reads nothing, between a wait and a pop of a buffer that nobody looks at.
ALWI void dummy_unpack(uint32_t cb) { tthal::circular_buffer(cb); }

}  // namespace ckernel
