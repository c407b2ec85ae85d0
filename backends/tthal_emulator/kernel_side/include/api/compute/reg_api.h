// DST between MATH and PACK. A section's tiles are zero when it is acquired (device-api.md §4, §9.9).
#pragma once

#include "api/compute/common_globals.h"
#include "tthal/border/tensix.h"

namespace tt {
enum class DstMode : uint8_t { Full = 0, Half = 1, Tile = 2, NUM_DST_MODES = 3 };
}

namespace ckernel {

ALWI void tile_regs_acquire() { tthal::tensix::tile_regs_acquire(); }

template <bool is_fp32_dest_acc_en = false>
ALWI void tile_regs_commit() {
    tthal::tensix::tile_regs_commit();
}

ALWI void tile_regs_wait() { tthal::tensix::tile_regs_wait(); }

template <bool is_fp32_dest_acc_en = false>
ALWI void tile_regs_release() {
    tthal::tensix::tile_regs_release();
}

// The older pair: MATH and PACK own the section together.
ALWI void acquire_dst(tt::DstMode = tt::DstMode::Half) { tthal::tensix::acquire_dst(); }
ALWI void release_dst(tt::DstMode = tt::DstMode::Half) { tthal::tensix::release_dst(); }

enum class DstTileShape : uint8_t { Tile32x32 = 0, Tile32x16 = 1, Tile16x16 = 2 };

// How many tiles of a shape a section holds.
template <DstSync sync, bool is_fp32_dest_acc_en, DstTileShape shape>
constexpr uint32_t get_dest_max_tiles() {
    return (16u << static_cast<uint32_t>(shape)) >> (sync == DstSync::SyncHalf) >> is_fp32_dest_acc_en;
}

}  // namespace ckernel
