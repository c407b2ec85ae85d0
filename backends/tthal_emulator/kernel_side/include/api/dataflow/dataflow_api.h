// The classic data-movement API: free functions over NoC addresses and circular buffer indices (device-api.md §4).
#pragma once

#include "api/alignment.h"
#include "api/debug/assert.h"
#include "api/debug/dprint.h"
#include "api/debug/waypoint.h"
#include "api/tensor/tensor_accessor.h"
#include "tthal/dataflow/addresses.h"
#include "tthal/dataflow/circular_buffers.h"
#include "tthal/common.h"
#include "tthal/dataflow/noc_semaphores.h"

// Always inlined, so that a site is the kernel's line.
#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

namespace tthal {

// The page size that an address generator uses for whole-page transfers.
template <typename AddrGen>
inline uint32_t page_size_of(const AddrGen& generator) {
    if constexpr (has_get_aligned_page_size_v<AddrGen>) return generator.get_aligned_page_size();
    else if constexpr (has_page_size_v<AddrGen>) return generator.page_size;
    else return 1u << generator.log_base_2_of_page_size;
}

}  // namespace tthal

// ---- whole pages

template <typename AddrGen, bool enable_noc_tracing = true>
inline void noc_async_read_page(uint32_t id, const AddrGen& generator, uint32_t destination, uint32_t offset = 0,
                                uint8_t noc = tthal::default_noc()) {
    noc_async_read(generator.get_noc_addr(id, offset, noc), destination, tthal::page_size_of(generator), noc);
}

template <typename AddrGen, bool enable_noc_tracing = true, bool posted = false>
inline void noc_async_write_page(uint32_t id, const AddrGen& generator, uint32_t source, uint32_t size = 0,
                                 uint32_t offset = 0, uint8_t noc = tthal::default_noc()) {
    noc_async_write<NOC_MAX_BURST_SIZE + 1, true, posted>(source, generator.get_noc_addr(id, offset, noc),
                                                          size != 0 ? size : tthal::page_size_of(generator), noc);
}

template <typename AddrGen>
inline void noc_async_read_tile(uint32_t id, const AddrGen& generator, uint32_t destination, uint32_t offset = 0,
                                uint8_t noc = tthal::default_noc()) {
    noc_async_read_page(id, generator, destination, offset, noc);
}

template <typename AddrGen>
inline void noc_async_write_tile(uint32_t id, const AddrGen& generator, uint32_t source,
                                 uint8_t noc = tthal::default_noc()) {
    noc_async_write_page(id, generator, source, 0, 0, noc);
}

// ---- whole shards

template <typename DSpec>
inline void noc_async_read_shard(uint32_t shard, const TensorAccessor<DSpec>& tensor, uint32_t destination,
                                 uint8_t noc = tthal::default_noc()) {
    const uint32_t size = tensor.dspec().shard_volume() * tensor.get_aligned_page_size();
    noc_async_read(tensor.get_shard_noc_addr(shard, 0, noc), destination, size, noc);
}

template <typename DSpec, bool posted = false>
inline void noc_async_write_shard(uint32_t shard, const TensorAccessor<DSpec>& tensor, uint32_t source,
                                  uint8_t noc = tthal::default_noc()) {
    const uint32_t size = tensor.dspec().shard_volume() * tensor.get_aligned_page_size();
    noc_async_write<NOC_MAX_BURST_SIZE + 1, true, posted>(source, tensor.get_shard_noc_addr(shard, 0, noc), size, noc);
}

// ---- one bank's pages in packets, as kernels of sharded DRAM read them until 2025; the first call tells the base

template <bool use_vc = false>
inline uint32_t noc_async_read_tile_dram_sharded_set_state(uint32_t base, uint32_t page_size, uint32_t bank = 0,
                                                           uint32_t = 0, uint8_t noc = tthal::default_noc()) {
    const uint64_t source = get_noc_addr_from_bank_id<true>(bank, base, noc);
    noc_async_read_one_packet_set_state(source, page_size, 0, noc);
    return static_cast<uint32_t>(source);
}
inline void noc_async_read_tile_dram_sharded_with_state(uint32_t base, uint32_t offset, uint32_t destination,
                                                        uint8_t noc = tthal::default_noc()) {
    noc_async_read_one_packet_with_state(base + offset, destination, 0, noc);
}
inline void noc_async_read_tile_dram_sharded_set_trid(uint32_t id = 0, uint8_t noc = tthal::default_noc()) {
    noc_async_read_set_trid(id, noc);
}
template <bool skip_ptr_update = false>
inline void noc_async_read_tile_dram_sharded_with_state_with_trid(uint32_t base, uint32_t offset, uint32_t destination,
                                                                  uint32_t id = 0, uint8_t noc = tthal::default_noc()) {
    noc_async_read_one_packet_with_state_with_trid<skip_ptr_update>(base, offset, destination, id, noc);
}

#pragma clang attribute pop
