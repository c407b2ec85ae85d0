// Reads: from another node's memory into this core's L1 (device-api.md §4).
#pragma once

#include "tthal/dataflow/noc_commands.h"

#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

template <uint32_t max_page_size = NOC_MAX_BURST_SIZE + 1, bool enable_noc_tracing = true>
inline void noc_async_read(uint64_t source, uint32_t destination, uint32_t size, uint8_t noc = tthal::default_noc(),
                           uint32_t = NOC_UNICAST_WRITE_VC) {
    if constexpr (max_page_size <= NOC_MAX_BURST_SIZE) tthal::require_one_packet(size);
    tthal::push_read(noc, source, destination, size);
}

template <bool enable_noc_tracing = true>
inline void noc_async_read_one_packet(uint64_t source, uint32_t destination, uint32_t size,
                                      uint8_t noc = tthal::default_noc(), uint32_t = NOC_UNICAST_WRITE_VC) {
    tthal::require_one_packet(size);
    tthal::push_read(noc, source, destination, size);
}

// ---- with state: the node and, for one packet, the size stay

template <bool use_vc = false>
inline void noc_async_read_one_packet_set_state(uint64_t source, uint32_t size, uint32_t = 0,
                                                uint8_t noc = tthal::default_noc()) {
    tthal::require_one_packet(size);
    tthal::NocCommand& command = tthal::commands_of(noc).read;
    command.remote = source;
    command.size = size;
}

template <bool inc_num_issued = true, bool use_vc = false>
inline void noc_async_read_one_packet_with_state(uint32_t source, uint32_t destination, uint32_t = 0,
                                                 uint8_t noc = tthal::default_noc()) {
    const tthal::NocCommand& command = tthal::commands_of(noc).read;
    tthal::push_read(noc, tthal::with_local_address(command.remote, source), destination, command.size);
}

inline void noc_async_read_set_state(uint64_t source, uint8_t noc = tthal::default_noc()) {
    tthal::commands_of(noc).read.remote = source;
}

template <bool inc_num_issued = true, bool skip_cmdbuf_chk = false>
inline void noc_async_read_with_state(uint32_t source, uint32_t destination, uint32_t size,
                                      uint8_t noc = tthal::default_noc()) {
    tthal::push_read(noc, tthal::with_local_address(tthal::commands_of(noc).read.remote, source), destination, size);
}

// Reads are counted when they are issued here, so there is nothing to add.
inline void noc_async_read_inc_num_issued(uint32_t, uint8_t = tthal::default_noc()) {}

// ---- with transaction ids

inline void noc_async_read_set_trid(uint32_t id = 0, uint8_t noc = tthal::default_noc()) {
    tthal::commands_of(noc).read.transaction_id = tthal::checked_transaction_id(id);
}

// The id that the transfer gets is the one that was set: on hardware, too, this one's is only looked up in the counters
// that keep too many from being under way.
template <bool skip_ptr_update = false, bool skip_cmdbuf_chk = false>
inline void noc_async_read_one_packet_with_state_with_trid(uint32_t base, uint32_t offset, uint32_t destination,
                                                           uint32_t id = 0, uint8_t noc = tthal::default_noc()) {
    tthal::checked_transaction_id(id);
    const tthal::NocCommand& command = tthal::commands_of(noc).read;
    tthal::push_read(noc, tthal::with_local_address(command.remote, base + offset), destination, command.size,
                     !skip_ptr_update);
}

// How many more transfers may be under way with an id; kernels wait here until there are some.
inline uint32_t noc_available_transactions(uint32_t noc, uint32_t id) {
    const uint32_t under_way =
        tthal::noc_count(tthal::NocOperation::READ_BARRIER, noc, tthal::checked_transaction_id(id));
    if (under_way >= NOC_MAX_TRANSACTION_ID_COUNT / 2) tthal::let_others_run();
    return under_way < NOC_MAX_TRANSACTION_ID_COUNT ? NOC_MAX_TRANSACTION_ID_COUNT - under_way : 0;
}

inline void noc_async_read_barrier(uint8_t noc = tthal::default_noc()) {
    tthal::noc_barrier(tthal::NocOperation::READ_BARRIER, noc);
}

inline void noc_async_read_barrier_with_trid(uint32_t id, uint8_t noc = tthal::default_noc()) {
    tthal::noc_barrier(tthal::NocOperation::READ_BARRIER, noc, tthal::checked_transaction_id(id));
}

inline bool ncrisc_noc_reads_flushed(uint32_t noc) { return tthal::noc_poll(tthal::NocOperation::READ_BARRIER, noc); }
inline bool ncrisc_noc_read_with_transaction_id_flushed(uint32_t noc, uint32_t id) {
    return tthal::transaction_id_is_done(noc, id);
}

#pragma clang attribute pop
