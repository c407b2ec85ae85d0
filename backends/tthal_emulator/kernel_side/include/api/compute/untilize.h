// Tiles in, row-major rows out, by way of the unpacker; the packed bytes are those of the pack_untilize family.
#pragma once

#include "api/compute/tile_move_copy.h"

namespace tthal::tensix {

// Pages of one row of tiles, in groups of `block` tiles per DST section, behind what was packed since the last push.
inline void untilize_block(uint32_t cb, uint32_t block, uint32_t full, uint32_t out) {
    LocalCBInterface& interface = circular_buffer(out);
    for (uint32_t first = 0; first < full; first += block) {
        const uint32_t tiles = full - first < block ? full - first : block;
        tile_regs_acquire();
        for (uint32_t tile = 0; tile < tiles; tile++) copy_tile(cb, first + tile, tile);
        tile_regs_commit();
        tile_regs_wait();
        pack_untilize(
            0, out,
            {.tiles = tiles, .full = full, .first = first, .offset = interface.fifo_wr_tile_ptr << cb_addr_shift});
        tile_regs_release();
    }
    interface.fifo_wr_tile_ptr += full * interface.fifo_page_size;
}

}  // namespace tthal::tensix

namespace ckernel {

ALWI void untilize_init(uint32_t cb) { copy_init(cb); }

template <uint32_t block_ct_dim = 1, bool is_fp32_dest_acc_en = false>
ALWI void untilize_block(uint32_t cb, uint32_t full_ct_dim, uint32_t out) {
    tthal::tensix::untilize_block(cb, block_ct_dim, full_ct_dim, out);
}
ALWI void untilize_uninit(uint32_t cb) { copy_init(cb); }

// The older names.
ALWI void untilize_init(uint32_t cb, uint32_t out) {
    compute_kernel_hw_startup(cb, out);
    copy_init(cb);
}
ALWI void untilize_init_short(uint32_t cb) { copy_init(cb); }

}  // namespace ckernel
