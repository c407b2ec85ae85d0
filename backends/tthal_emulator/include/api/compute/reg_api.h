// DST between MATH and PACK. A section's tiles are zero when it is acquired (device-api.md §4, §9.9).
#pragma once

#include "api/compute/common.h"

namespace ckernel {

ALWI void tile_regs_acquire() { tthal::tensix::tile_regs_acquire(); }

template <bool is_fp32_dest_acc_en = false>
ALWI void tile_regs_commit() { tthal::tensix::tile_regs_commit(); }

ALWI void tile_regs_wait() { tthal::tensix::tile_regs_wait(); }

template <bool is_fp32_dest_acc_en = false>
ALWI void tile_regs_release() { tthal::tensix::tile_regs_release(); }

}  // namespace ckernel

namespace tt {
enum class DstMode : uint8_t { Full = 0, Half = 1, Tile = 2, NUM_DST_MODES = 3 };
}

namespace ckernel {

// The older pair: MATH and PACK own the section together.
ALWI void acquire_dst(tt::DstMode = tt::DstMode::Half) {
    tthal::tensix::acquire_dst();
}
ALWI void release_dst(tt::DstMode = tt::DstMode::Half) {
    tthal::tensix::release_dst();
}

}  // namespace ckernel
