// The classic data-movement API: free functions over NoC addresses and circular buffer indices (device-api.md §4).
#pragma once

#include "tthal/addresses.h"
#include "tthal/circular_buffers.h"
#include "tthal/common.h"

constexpr uint32_t NOC_UNICAST_WRITE_VC = 1;
constexpr uint32_t NOC_MULTICAST_WRITE_VC = 4;

template <bool DRAM>
struct InterleavedAddrGenFast {
    uint32_t bank_base_address;
    uint32_t page_size;
    DataFormat data_format;

    uint64_t get_noc_addr(uint32_t id, uint32_t offset = 0, uint8_t noc = tthal::default_noc()) const {
        const uint32_t stride = interleaved_addr_gen::get_aligned_page_size<DRAM>(page_size);
        return interleaved_addr_gen::page_address<DRAM>(bank_base_address, stride, id, offset, noc);
    }
};

// ---- reads and writes

namespace tthal {

inline void require_one_packet(uint32_t size) {
    if (size > NOC_MAX_BURST_SIZE) misuse(Misuse::NOC_TOO_LARGE, size, NOC_MAX_BURST_SIZE);
}

// The page size that an address generator uses for whole-page transfers.
template <typename AddrGen>
inline uint32_t page_size_of(const AddrGen& generator) {
    if constexpr (requires { generator.page_size; }) return generator.page_size;
    else if constexpr (requires { generator.log_base_2_of_page_size; }) return 1u << generator.log_base_2_of_page_size;
    else return generator.get_aligned_page_size();
}

}  // namespace tthal

template <uint32_t max_page_size = NOC_MAX_BURST_SIZE + 1, bool enable_noc_tracing = true>
inline void noc_async_read(uint64_t source, uint32_t destination, uint32_t size, uint8_t noc = tthal::default_noc(),
                           uint32_t = NOC_UNICAST_WRITE_VC) {
    tthal::noc_push(tthal::NocOperation::READ, noc, source, destination, size);
}

template <uint32_t max_page_size = NOC_MAX_BURST_SIZE + 1, bool enable_noc_tracing = true, bool posted = false>
inline void noc_async_write(uint32_t source, uint64_t destination, uint32_t size, uint8_t noc = tthal::default_noc(),
                            uint32_t = NOC_UNICAST_WRITE_VC) {
    tthal::noc_push(tthal::NocOperation::WRITE, noc, destination, source, size, 0,
                    posted ? tthal::NOC_FLAG_POSTED : 0);
}

inline void noc_async_read_one_packet(uint64_t source, uint32_t destination, uint32_t size,
                                      uint8_t noc = tthal::default_noc(), uint32_t = NOC_UNICAST_WRITE_VC) {
    tthal::require_one_packet(size);
    noc_async_read(source, destination, size, noc);
}

template <bool enable_noc_tracing = true, bool posted = false>
inline void noc_async_write_one_packet(uint32_t source, uint64_t destination, uint32_t size,
                                       uint8_t noc = tthal::default_noc(), uint32_t = NOC_UNICAST_WRITE_VC) {
    tthal::require_one_packet(size);
    noc_async_write<NOC_MAX_BURST_SIZE, enable_noc_tracing, posted>(source, destination, size, noc);
}

template <typename AddrGen>
inline void noc_async_read_page(uint32_t id, const AddrGen& generator, uint32_t destination, uint32_t offset = 0,
                                uint8_t noc = tthal::default_noc()) {
    noc_async_read(generator.get_noc_addr(id, offset, noc), destination, tthal::page_size_of(generator), noc);
}

template <typename AddrGen, bool posted = false>
inline void noc_async_write_page(uint32_t id, const AddrGen& generator, uint32_t source, uint32_t size = 0,
                                 uint32_t offset = 0, uint8_t noc = tthal::default_noc()) {
    noc_async_write<NOC_MAX_BURST_SIZE + 1, true, posted>(
        source, generator.get_noc_addr(id, offset, noc), size != 0 ? size : tthal::page_size_of(generator), noc);
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

inline void noc_inline_dw_write(uint64_t destination, uint32_t value, uint8_t byte_enable = 0xF,
                                uint8_t noc = tthal::default_noc(), uint8_t = NOC_UNICAST_WRITE_VC) {
    tthal::noc_push(tthal::NocOperation::WRITE_INLINE, noc, destination, 0, 4, value, 0, 0, byte_enable);
}

// ---- multicast

inline void noc_async_write_multicast(uint32_t source, uint64_t destination, uint32_t size, uint32_t num_dests,
                                      bool linked = false, uint8_t noc = tthal::default_noc()) {
    tthal::noc_push(tthal::NocOperation::WRITE_MULTICAST, noc, destination, source, size, num_dests,
                    linked ? tthal::NOC_FLAG_LINKED : 0);
}

inline void noc_async_write_multicast_loopback_src(uint32_t source, uint64_t destination, uint32_t size,
                                                   uint32_t num_dests, bool linked = false,
                                                   uint8_t noc = tthal::default_noc()) {
    tthal::noc_push(tthal::NocOperation::WRITE_MULTICAST, noc, destination, source, size, num_dests,
                    tthal::NOC_FLAG_INCLUDE_SOURCE | (linked ? tthal::NOC_FLAG_LINKED : 0));
}

// ---- barriers

inline void noc_async_read_barrier(uint8_t noc = tthal::default_noc()) {
    tthal::noc_barrier(tthal::NocOperation::READ_BARRIER, noc);
}
inline void noc_async_write_barrier(uint8_t noc = tthal::default_noc()) {
    tthal::noc_barrier(tthal::NocOperation::WRITE_BARRIER, noc);
}
inline void noc_async_writes_flushed(uint8_t noc = tthal::default_noc()) {
    tthal::noc_barrier(tthal::NocOperation::WRITE_FLUSH, noc);
}
inline void noc_async_posted_writes_flushed(uint8_t noc = tthal::default_noc()) { noc_async_writes_flushed(noc); }
inline void noc_async_atomic_barrier(uint8_t noc = tthal::default_noc()) {
    tthal::noc_barrier(tthal::NocOperation::ATOMIC_BARRIER, noc);
}
inline void noc_async_full_barrier(uint8_t noc = tthal::default_noc()) {
    noc_async_read_barrier(noc);
    noc_async_write_barrier(noc);
    noc_async_atomic_barrier(noc);
}

// ---- semaphores

inline void noc_semaphore_set(volatile tt_l1_ptr uint32_t* semaphore, uint32_t value) { *semaphore = value; }

inline void noc_semaphore_wait(volatile tt_l1_ptr uint32_t* semaphore, uint32_t value) {
    while (*semaphore != value)
        tthal::wait_until_changed(tthal::Wait::SEMAPHORE_EQUAL, reinterpret_cast<uintptr_t>(semaphore), value);
}

inline void noc_semaphore_wait_min(volatile tt_l1_ptr uint32_t* semaphore, uint32_t value) {
    while (*semaphore < value)
        tthal::wait_until_changed(tthal::Wait::SEMAPHORE_AT_LEAST, reinterpret_cast<uintptr_t>(semaphore), value);
}

template <bool posted = false>
inline void noc_semaphore_inc(uint64_t semaphore, uint32_t increment, uint8_t noc = tthal::default_noc(),
                              uint8_t = NOC_UNICAST_WRITE_VC) {
    tthal::noc_push(tthal::NocOperation::ATOMIC_INCREMENT, noc, semaphore, 0, 32, increment,
                    posted ? tthal::NOC_FLAG_POSTED : 0);
}

inline void noc_semaphore_set_remote(uint32_t source, uint64_t semaphore, uint8_t noc = tthal::default_noc()) {
    noc_async_write(source, semaphore, 4, noc);
}

inline void noc_semaphore_set_multicast(uint32_t source, uint64_t semaphores, uint32_t num_dests, bool linked = false,
                                        uint8_t noc = tthal::default_noc()) {
    noc_async_write_multicast(source, semaphores, 4, num_dests, linked, noc);
}

inline void noc_semaphore_set_multicast_loopback_src(uint32_t source, uint64_t semaphores, uint32_t num_dests,
                                                     bool linked = false, uint8_t noc = tthal::default_noc()) {
    noc_async_write_multicast_loopback_src(source, semaphores, 4, num_dests, linked, noc);
}
