// Packing DST tiles into a circular buffer, and the packer's settings.
#pragma once

#include "api/compute/common_globals.h"
#include "api/debug/assert.h"
#include "tthal/border/tensix.h"

namespace ckernel {

// Formats are configured by compute_kernel_hw_startup or pack_reconfig_data_format; whole tiles, one per call, are the
// packer's default.
ALWI void pack_init(uint32_t cb) {
    tthal::tensix::mask_reductions(tthal::tensix::EdgeMask::NONE);
    tthal::tensix::packer.tiles_per_call = 1;
    tthal::tensix::packer.set_up = 0;
}

// By default tiles go one after the other behind the write pointer; out of order, tile `output_tile` pages behind it.
template <bool out_of_order_output = false, bool is_fp32_dest_acc_en = false>
ALWI void pack_tile(uint32_t dst, uint32_t cb, uint32_t output_tile = 0) {
    for (uint32_t tile = 0; tile < tthal::tensix::packer.tiles_per_call; tile++)
        tthal::tensix::pack_tile(dst + tile, cb, out_of_order_output, output_tile + tile);
}

template <bool is_fp32_dest_acc_en = false>
ALWI void pack_block(uint32_t dst, uint32_t cb, uint32_t tiles) {
    for (uint32_t tile = 0; tile < tiles; tile++) tthal::tensix::pack_tile(dst + tile, cb, false, 0);
}

ALWI void pack_relu_config(const ReluConfig& config) {
    tthal::tensix::packer.relu_mode = static_cast<tthal::tensix::ReluMode>(config.get_mode());
    tthal::tensix::packer.threshold = config.get_threshold();
}

// While it is on, packing adds to what lies in L1.
ALWI void pack_reconfig_l1_acc(uint32_t enable) { tthal::tensix::packer.l1_accumulate = enable != 0; }

// Rows of DST as DST has them, 16 datums each and one behind the other: 16 of each face.
ALWI void pack_rows_init(uint32_t num_rows) {
    ASSERT(num_rows >= 1 && num_rows <= 64);
    tthal::tensix::packer.rows_per_call = num_rows;
    tthal::tensix::packer.set_up = tthal::tensix::set_up_for(tthal::tensix::SetUp::PACK_ROWS);
}
ALWI void pack_rows(uint32_t dst, uint32_t cb, uint32_t output_tile = 0) {
    tthal::tensix::pack_rows(dst, cb, get_write_ptr(cb) + output_tile * tthal::page_bytes(cb),
                             tthal::tensix::packer.rows_per_call);
}
ALWI void pack_rows_uninit() {
    tthal::tensix::packer.rows_per_call = 0;
    tthal::tensix::packer.set_up = 0;
}

// An operation of the packer that writes nothing, between a reserve and a push of a buffer that nobody looks at.
ALWI void dummy_pack(uint32_t cb) { tthal::circular_buffer(cb); }

// The older names.
template <bool is_fp32_dest_acc_en = false>
ALWI void matmul_pack_tile(uint32_t dst, uint32_t cb, uint32_t tiles) {
    pack_block(dst, cb, tiles);
}
template <bool is_fp32_dest_acc_en = false>
ALWI void pack_tile_block(uint32_t dst, uint32_t cb, uint32_t tiles) {
    pack_block(dst, cb, tiles);
}

}  // namespace ckernel
