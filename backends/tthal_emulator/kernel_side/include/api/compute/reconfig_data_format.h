// Switching the unpackers and the packer to the formats of other circular buffers. The forms with the old buffer do
// nothing when both buffers hold the same format.
#pragma once

#include "api/compute/common_globals.h"
#include "tthal/border/tensix.h"

namespace ckernel {

ALWI void reconfig_data_format_srca(uint32_t cb) { tthal::tensix::configure_srca(cb); }
ALWI void reconfig_data_format_srcb(uint32_t cb) { tthal::tensix::configure_srcb(cb); }
ALWI void reconfig_data_format_srca(uint32_t old_cb, uint32_t cb) {
    if (!tthal::tensix::same_format(old_cb, cb)) reconfig_data_format_srca(cb);
}
ALWI void reconfig_data_format_srcb(uint32_t old_cb, uint32_t cb) {
    if (!tthal::tensix::same_format(old_cb, cb)) reconfig_data_format_srcb(cb);
}

template <SrcOrder src_order = SrcOrder::Regular>
ALWI void reconfig_data_format(uint32_t cb0, uint32_t cb1) {
    constexpr bool reverse = src_order == SrcOrder::Reverse;
    reconfig_data_format_srca(reverse ? cb1 : cb0);
    reconfig_data_format_srcb(reverse ? cb0 : cb1);
}
template <SrcOrder src_order = SrcOrder::Regular>
ALWI void reconfig_data_format(uint32_t old0, uint32_t cb0, uint32_t old1, uint32_t cb1) {
    constexpr bool reverse = src_order == SrcOrder::Reverse;
    reconfig_data_format_srca(reverse ? old1 : old0, reverse ? cb1 : cb0);
    reconfig_data_format_srcb(reverse ? old0 : old1, reverse ? cb0 : cb1);
}

// Operations read a buffer's tile shape when they use it, so formats are all that is left to switch.
template <SrcOrder src_order = SrcOrder::Regular>
ALWI void reconfig_full_operand(uint32_t cb0, uint32_t cb1) {
    reconfig_data_format<src_order>(cb0, cb1);
}
template <SrcOrder src_order = SrcOrder::Regular>
ALWI void reconfig_full_operand(uint32_t old0, uint32_t cb0, uint32_t old1, uint32_t cb1) {
    reconfig_data_format<src_order>(old0, cb0, old1, cb1);
}
ALWI void reconfig_full_operand_srca(uint32_t cb) { reconfig_data_format_srca(cb); }
ALWI void reconfig_full_operand_srca(uint32_t old_cb, uint32_t cb) { reconfig_data_format_srca(old_cb, cb); }
ALWI void reconfig_full_operand_srcb(uint32_t cb) { reconfig_data_format_srcb(cb); }
ALWI void reconfig_full_operand_srcb(uint32_t old_cb, uint32_t cb) { reconfig_data_format_srcb(old_cb, cb); }

template <bool is_tile_dim_reconfig_en = false>
ALWI void pack_reconfig_data_format(uint32_t cb) {
    tthal::tensix::configure_pack(cb);
}
template <bool is_tile_dim_reconfig_en = false>
ALWI void pack_reconfig_data_format(uint32_t old_cb, uint32_t cb) {
    if (!tthal::tensix::same_format(old_cb, cb)) tthal::tensix::configure_pack(cb);
}

// Up to 0.80 the forms had template arguments.
template <bool to_from_int8, bool is_tile_dim_reconfig_en = false>
ALWI void reconfig_data_format(uint32_t cb0, uint32_t cb1) {
    reconfig_data_format(cb0, cb1);
}
template <bool to_from_int8, bool is_tile_dim_reconfig_en = false>
ALWI void reconfig_data_format(uint32_t old0, uint32_t cb0, uint32_t old1, uint32_t cb1) {
    reconfig_data_format(old0, cb0, old1, cb1);
}
template <bool to_from_int8, bool is_tile_dim_reconfig_en = false>
ALWI void reconfig_data_format_srca(uint32_t cb) {
    reconfig_data_format_srca(cb);
}
template <bool to_from_int8, bool is_tile_dim_reconfig_en = false>
ALWI void reconfig_data_format_srca(uint32_t old_cb, uint32_t cb) {
    reconfig_data_format_srca(old_cb, cb);
}
template <bool to_from_int8, bool is_tile_dim_reconfig_en = false>
ALWI void reconfig_data_format_srcb(uint32_t cb) {
    reconfig_data_format_srcb(cb);
}
template <bool to_from_int8, bool is_tile_dim_reconfig_en = false>
ALWI void reconfig_data_format_srcb(uint32_t old_cb, uint32_t cb) {
    reconfig_data_format_srcb(old_cb, cb);
}

}  // namespace ckernel
