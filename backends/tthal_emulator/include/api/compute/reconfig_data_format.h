// Switching the unpackers and the packer to the formats of other circular buffers.
#pragma once

#include "api/compute/common.h"

namespace ckernel {

template <SrcOrder src_order = SrcOrder::Regular>
ALWI void reconfig_data_format_srca(uint32_t cb) { tthal::tensix::configure_srca(cb); }
template <SrcOrder src_order = SrcOrder::Regular>
ALWI void reconfig_data_format_srca(uint32_t, uint32_t cb) { tthal::tensix::configure_srca(cb); }
template <SrcOrder src_order = SrcOrder::Regular>
ALWI void reconfig_data_format_srcb(uint32_t cb) { tthal::tensix::configure_srcb(cb); }
template <SrcOrder src_order = SrcOrder::Regular>
ALWI void reconfig_data_format_srcb(uint32_t, uint32_t cb) { tthal::tensix::configure_srcb(cb); }

template <SrcOrder src_order = SrcOrder::Regular>
ALWI void reconfig_data_format(uint32_t cb0, uint32_t cb1) {
    constexpr bool reverse = src_order == SrcOrder::Reverse;
    tthal::tensix::configure_srca(reverse ? cb1 : cb0);
    tthal::tensix::configure_srcb(reverse ? cb0 : cb1);
}
template <SrcOrder src_order = SrcOrder::Regular>
ALWI void reconfig_data_format(uint32_t, uint32_t cb0, uint32_t, uint32_t cb1) { reconfig_data_format<src_order>(cb0, cb1); }

template <bool is_tile_dim_reconfig_en = false>
ALWI void pack_reconfig_data_format(uint32_t cb) { tthal::tensix::configure_pack(cb); }
template <bool is_tile_dim_reconfig_en = false>
ALWI void pack_reconfig_data_format(uint32_t, uint32_t cb) { tthal::tensix::configure_pack(cb); }

}  // namespace ckernel
