// Semaphores: 32-bit words in L1 that cores set, raise and wait for, their own or another core's (device-api.md §4).
#pragma once

#include "tthal/language/attributes.h"
#include "tthal/dataflow/noc_multicast.h"
#include "tthal/dataflow/noc_reads.h"
#include "tthal/dataflow/noc_writes.h"

#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

enum class ProgrammableCoreType : uint8_t { TENSIX, ACTIVE_ETH, IDLE_ETH };

template <ProgrammableCoreType type = ProgrammableCoreType::TENSIX>
inline uintptr_t get_semaphore(uint32_t id) {
    static_assert(type == ProgrammableCoreType::TENSIX, "only worker cores have semaphores here");
    return tthal::processor().semaphores + 16 * id;
}

namespace tthal {

inline void announce_semaphore(MonitorEvent event, uint32_t place, volatile tt_l1_ptr uint32_t* semaphore,
                               uint32_t value, uint32_t at_least = 0) {
    announce(event, place, at_least, reinterpret_cast<uintptr_t>(semaphore), value);
}

// By a command buffer of its own, which has no transaction id.
inline void push_semaphore_multicast(uint8_t noc, uint32_t source, uint64_t semaphores, uint32_t num_dests, bool linked,
                                     uint8_t flags = 0) {
    noc_push(NocOperation::WRITE_MULTICAST, noc, semaphores, source, 4, num_dests,
             flags | (linked ? NOC_FLAG_LINKED : 0));
}

}  // namespace tthal

inline void noc_semaphore_set(volatile tt_l1_ptr uint32_t* semaphore, uint32_t value) {
    if (tthal::is_announced(tthal::MonitorEvent::SEMAPHORE_SET))
        tthal::announce_semaphore(tthal::MonitorEvent::SEMAPHORE_SET, tthal::site(), semaphore, value);
    *semaphore = value;
}

inline void noc_semaphore_wait(volatile tt_l1_ptr uint32_t* semaphore, uint32_t value) {
    while (*semaphore != value)
        tthal::wait_until_changed(tthal::Wait::SEMAPHORE_EQUAL, reinterpret_cast<uintptr_t>(semaphore), value);
    if (tthal::is_announced(tthal::MonitorEvent::SEMAPHORE_REACHED))
        tthal::announce_semaphore(tthal::MonitorEvent::SEMAPHORE_REACHED, tthal::site(), semaphore, value);
}

inline void noc_semaphore_wait_min(volatile tt_l1_ptr uint32_t* semaphore, uint32_t value) {
    while (*semaphore < value)
        tthal::wait_until_changed(tthal::Wait::SEMAPHORE_AT_LEAST, reinterpret_cast<uintptr_t>(semaphore), value);
    if (tthal::is_announced(tthal::MonitorEvent::SEMAPHORE_REACHED))
        tthal::announce_semaphore(tthal::MonitorEvent::SEMAPHORE_REACHED, tthal::site(), semaphore, value, 1);
}

template <bool posted = false>
inline void noc_semaphore_inc(uint64_t semaphore, uint32_t increment, uint8_t noc = tthal::default_noc(),
                              uint8_t = NOC_UNICAST_WRITE_VC) {
    tthal::noc_push(tthal::NocOperation::ATOMIC_INCREMENT, noc, semaphore, 0, 32, increment,
                    posted ? tthal::NOC_FLAG_POSTED : 0);
}

template <bool posted = false>
inline void noc_semaphore_inc_multicast(uint64_t semaphores, uint32_t increment, uint32_t num_dests,
                                        uint8_t noc = tthal::default_noc(), uint8_t = NOC_MULTICAST_WRITE_VC) {
    tthal::noc_push(tthal::NocOperation::ATOMIC_MULTICAST, noc, semaphores, 0, 32, increment,
                    posted ? tthal::NOC_FLAG_POSTED : 0, 0, num_dests);
}

inline void noc_semaphore_set_remote(uint32_t source, uint64_t semaphore, uint8_t noc = tthal::default_noc()) {
    tthal::noc_push(tthal::NocOperation::WRITE, noc, semaphore, source, 4);
}

inline void noc_semaphore_set_multicast(uint32_t source, uint64_t semaphores, uint32_t num_dests, bool linked = false,
                                        uint8_t noc = tthal::default_noc(), uint8_t = NOC_MULTICAST_WRITE_VC) {
    tthal::push_semaphore_multicast(noc, source, semaphores, num_dests, linked);
}

inline void noc_semaphore_set_multicast_loopback_src(uint32_t source, uint64_t semaphores, uint32_t num_dests,
                                                     bool linked = false, uint8_t noc = tthal::default_noc()) {
    tthal::push_semaphore_multicast(noc, source, semaphores, num_dests, linked, tthal::NOC_FLAG_INCLUDE_SOURCE);
}

inline void noc_async_atomic_barrier(uint8_t noc = tthal::default_noc()) {
    tthal::noc_barrier(tthal::NocOperation::ATOMIC_BARRIER, noc);
}

inline bool ncrisc_noc_nonposted_atomics_flushed(uint32_t noc) {
    return tthal::noc_poll(tthal::NocOperation::ATOMIC_BARRIER, noc);
}

inline void noc_async_full_barrier(uint8_t noc = tthal::default_noc()) {
    noc_async_read_barrier(noc);
    noc_async_write_barrier(noc);
    noc_async_posted_writes_flushed(noc);
    noc_async_atomic_barrier(noc);
}

#pragma clang attribute pop
