// Copying one DST tile to another.
#pragma once

#include "api/compute/common.h"

namespace ckernel {

ALWI void copy_dest_values_init() {}

template <DataFormat data_format>
ALWI void copy_dest_values(uint32_t from, uint32_t to) {
    tthal::tensix::copy_dest(from, to);
}
ALWI void copy_dest_values(uint32_t from, uint32_t to) { tthal::tensix::copy_dest(from, to); }

}  // namespace ckernel
