// Packing DST tiles into a circular buffer.
#pragma once

#include "api/compute/common.h"

namespace ckernel {

// By default tiles go one after the other behind the write pointer; out of order, tile `output_tile` pages behind it.
template <bool out_of_order_output = false, bool is_fp32_dest_acc_en = false>
ALWI void pack_tile(uint32_t dst, uint32_t cb, uint32_t output_tile = 0) {
    tthal::tensix::pack_tile(dst, cb, out_of_order_output, output_tile);
}

}  // namespace ckernel
