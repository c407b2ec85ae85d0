// Tiles in, row-major rows out, for rows of any width: as many tiles at a time as DST holds.
#pragma once

#include "api/compute/pack_untilize.h"

namespace ckernel {

template <uint32_t full_ct_dim, bool is_fp32_dest_acc_en = false>
ALWI void fast_untilize_init(uint32_t cb, uint32_t out, uint32_t call_line = 0) {
    pack_untilize_init<1, full_ct_dim>(cb, out);
}
template <uint32_t full_ct_dim, bool is_fp32_dest_acc_en = false>
ALWI void fast_untilize_init_skip_remap(uint32_t cb, uint32_t out, uint32_t call_line = 0) {
    pack_untilize_init<1, full_ct_dim>(cb, out);
}

template <uint32_t full_ct_dim, bool is_fp32_dest_acc_en = false>
ALWI void fast_untilize_block(uint32_t cb, uint32_t out, uint32_t input_tile_index = 0,
                              uint32_t output_tile_index = 0) {
    using namespace tthal::tensix;
    static_assert(full_ct_dim > 0, "fast_untilize_block needs at least one tile");
    const uint32_t offset = output_tile_index * tthal::page_bytes(out);
    for (uint32_t first = 0; first < full_ct_dim; first += dst_capacity()) {
        const uint32_t tiles = full_ct_dim - first < dst_capacity() ? full_ct_dim - first : dst_capacity();
        tthal::tensix::tile_regs_acquire();
        for (uint32_t tile = 0; tile < tiles; tile++)
            tthal::tensix::copy_tile(cb, input_tile_index + first + tile, tile);
        tthal::tensix::tile_regs_commit();
        tthal::tensix::tile_regs_wait();
        tthal::tensix::pack_untilize(0, out,
                                     {.tiles = tiles,
                                      .full = full_ct_dim,
                                      .first = first,
                                      .offset = offset,
                                      .set_up = pack_untilize_set_up(1, full_ct_dim)});
        tthal::tensix::tile_regs_release();
    }
}

template <uint32_t full_ct_dim, bool is_fp32_dest_acc_en = false>
ALWI void fast_untilize_uninit(uint32_t out) {
    pack_untilize_uninit(out);
}

}  // namespace ckernel
