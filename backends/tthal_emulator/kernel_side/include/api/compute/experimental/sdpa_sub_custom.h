// Neighbouring tiles minus the first column of one tile.
#pragma once

#include "api/compute/bcast.h"

namespace ckernel {

ALWI void sub_bcast_cols_init_short_custom(uint32_t in0, uint32_t in1, uint32_t ct_dim, uint32_t call_line = 0) {
    sub_bcast_cols_init(in0, in1);
}
ALWI void sub_tiles_bcast_cols_custom(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst,
                                      uint32_t ct_dim) {
    for (uint32_t tile = 0; tile < ct_dim; tile++) sub_tiles_bcast_cols(in0, in1, tile0 + tile, tile1, dst + tile);
}

}  // namespace ckernel
