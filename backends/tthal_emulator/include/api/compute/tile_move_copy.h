// Copying tiles from a circular buffer to DST.
#pragma once

#include "api/compute/reconfig_data_format.h"

namespace ckernel {

template <bool is_fp32_dest_acc_en = false>
ALWI void copy_init(uint32_t cb) { tthal::tensix::select(tthal::tensix::Selection{.operand0 = cb}); }

template <bool is_fp32_dest_acc_en = false>
ALWI void copy_tile(uint32_t cb, uint32_t tile, uint32_t dst) { tthal::tensix::copy_tile(cb, tile, dst); }

// The older names.
ALWI void copy_tile_init(uint32_t cb) { copy_init(cb); }
ALWI void copy_tile_to_dst_init_short(uint32_t cb) { copy_init(cb); }
ALWI void copy_tile_to_dst_init_short_with_dt(uint32_t, uint32_t cb) {
    reconfig_data_format_srca(cb);
    copy_init(cb);
}

}  // namespace ckernel
