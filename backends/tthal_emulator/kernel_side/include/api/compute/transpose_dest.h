// Transposing a DST tile in place.
#pragma once

#include "api/compute/common.h"

namespace ckernel {

template <bool is_32bit = false, bool transpose_of_faces = true>
ALWI void transpose_dest_init(uint32_t cb = 0) {
    tthal::tensix::select({.operand0 = cb});
}

// `is_32bit` must be what the program configured DST to be.
template <bool is_32bit = false, bool transpose_of_faces = true>
ALWI void transpose_dest(uint32_t dst) {
    tthal::tensix::transpose_dest(dst, is_32bit, transpose_of_faces);
}

// The older names.
template <bool is_32bit = false>
ALWI void transpose_wh_dest_init_short() {
    transpose_dest_init<is_32bit>();
}
template <bool is_32bit = false>
ALWI void transpose_wh_dest(uint32_t dst) {
    transpose_dest<is_32bit>(dst);
}

}  // namespace ckernel
