// Neighbouring tiles times the first column of one tile, added onto DST. Not on Wormhole.
#pragma once

#include "api/compute/bcast.h"

#ifdef ARCH_BLACKHOLE
namespace ckernel {

ALWI void mul_bcast_cols_init_short_custom(uint32_t in0, uint32_t in1, uint32_t call_line = 0) {
    mul_bcast_cols_init(in0, in1);
}
ALWI void mul_tiles_bcast_cols_custom(uint32_t in0, uint32_t in1, uint32_t tile0, uint32_t tile1, uint32_t dst,
                                      uint32_t ct_dim) {
    for (uint32_t tile = 0; tile < ct_dim; tile++) mul_tiles_bcast_cols(in0, in1, tile0 + tile, tile1, dst + tile);
}

}  // namespace ckernel
#endif
