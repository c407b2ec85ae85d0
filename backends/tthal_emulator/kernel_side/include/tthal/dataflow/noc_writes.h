// Writes: from this core's L1 to another node's memory, and 32-bit words without a source (device-api.md §4).
#pragma once

#include "tthal/dataflow/noc_commands.h"

#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

template <uint32_t max_page_size = NOC_MAX_BURST_SIZE + 1, bool enable_noc_tracing = true, bool posted = false>
inline void noc_async_write(uint32_t source, uint64_t destination, uint32_t size, uint8_t noc = tthal::default_noc(),
                            uint32_t = NOC_UNICAST_WRITE_VC) {
    if constexpr (max_page_size <= NOC_MAX_BURST_SIZE) tthal::require_one_packet(size);
    tthal::push_write(noc, source, destination, size, posted);
}

template <bool enable_noc_tracing = true, bool posted = false>
inline void noc_async_write_one_packet(uint32_t source, uint64_t destination, uint32_t size,
                                       uint8_t noc = tthal::default_noc(), uint32_t = NOC_UNICAST_WRITE_VC) {
    tthal::require_one_packet(size);
    tthal::push_write(noc, source, destination, size, posted);
}

// ---- with state: the node and, for one packet, the size stay

template <bool posted = false>
inline void noc_async_write_one_packet_set_state(uint64_t destination, uint32_t size,
                                                 uint8_t noc = tthal::default_noc(), uint8_t = NOC_UNICAST_WRITE_VC) {
    tthal::require_one_packet(size);
    tthal::NocCommand& command = tthal::commands_of(noc).write;
    command.remote = destination;
    command.size = size;
}

template <bool posted = false>
inline void noc_async_write_one_packet_with_state(uint32_t source, uint32_t destination,
                                                  uint8_t noc = tthal::default_noc()) {
    const tthal::NocCommand& command = tthal::commands_of(noc).write;
    tthal::push_write(noc, source, tthal::with_local_address(command.remote, destination), command.size, posted);
}

template <bool posted = false>
inline void noc_async_write_set_state(uint64_t destination, uint8_t noc = tthal::default_noc(),
                                      uint8_t = NOC_UNICAST_WRITE_VC) {
    tthal::commands_of(noc).write.remote = destination;
}

template <bool posted = false, bool update_counter = true, bool skip_cmdbuf_chk = false>
inline void noc_async_write_with_state(uint32_t source, uint32_t destination, uint32_t size,
                                       uint8_t noc = tthal::default_noc()) {
    const uint64_t remote = tthal::with_local_address(tthal::commands_of(noc).write.remote, destination);
    tthal::push_write(noc, source, remote, size, posted);
}

// ---- with transaction ids

inline void noc_async_write_set_trid(uint32_t id = 0, uint8_t noc = tthal::default_noc()) {
    tthal::commands_of(noc).write.transaction_id = tthal::checked_transaction_id(id);
}

template <bool update_counter = true, bool posted = false>
inline void noc_async_write_one_packet_with_trid(uint32_t source, uint64_t destination, uint32_t size, uint32_t id,
                                                 uint8_t = write_cmd_buf, uint8_t noc = tthal::default_noc(),
                                                 uint8_t = NOC_UNICAST_WRITE_VC) {
    tthal::require_one_packet(size);
    noc_async_write_set_trid(id, noc);
    tthal::push_write(noc, source, destination, size, posted, update_counter);
}

template <bool posted = false>
inline void noc_async_write_one_packet_with_trid_set_state(uint64_t destination, uint8_t = write_cmd_buf,
                                                           uint8_t noc = tthal::default_noc(),
                                                           uint8_t = NOC_UNICAST_WRITE_VC) {
    tthal::commands_of(noc).write.remote = destination;
}

template <bool update_counter = true, bool posted = false>
inline void noc_async_write_one_packet_with_trid_with_state(uint32_t source, uint32_t destination, uint32_t size,
                                                            uint32_t id, uint8_t = write_cmd_buf,
                                                            uint8_t noc = tthal::default_noc()) {
    const uint64_t remote = tthal::with_local_address(tthal::commands_of(noc).write.remote, destination);
    noc_async_write_one_packet_with_trid<update_counter, posted>(source, remote, size, id, write_cmd_buf, noc);
}

inline void noc_async_write_barrier_with_trid(uint32_t id, uint8_t noc = tthal::default_noc()) {
    tthal::noc_barrier(tthal::NocOperation::WRITE_BARRIER, noc, tthal::checked_transaction_id(id));
}

inline void noc_async_write_flushed_with_trid(uint32_t id, uint8_t noc = tthal::default_noc()) {
    tthal::noc_barrier(tthal::NocOperation::WRITE_FLUSH, noc, tthal::checked_transaction_id(id));
}

// The counters of transaction ids are exact here and need no reset; what they count must be done.
inline void reset_noc_trid_barrier_counter(uint32_t ids = 0xFFFF, uint32_t noc = tthal::default_noc()) {
    for (uint32_t id = 0; id <= NOC_MAX_TRANSACTION_ID; id++)
        if (ids >> id & 1) tthal::noc_barrier(tthal::NocOperation::WRITE_BARRIER, noc, id);
}

// ---- barriers: acknowledged; flushed: gone out, so that the source may be changed

inline void noc_async_write_barrier(uint8_t noc = tthal::default_noc()) {
    tthal::noc_barrier(tthal::NocOperation::WRITE_BARRIER, noc);
}
inline void noc_async_writes_flushed(uint8_t noc = tthal::default_noc()) {
    tthal::noc_barrier(tthal::NocOperation::WRITE_FLUSH, noc);
}
inline void noc_async_posted_writes_flushed(uint8_t noc = tthal::default_noc()) {
    tthal::noc_barrier(tthal::NocOperation::POSTED_FLUSH, noc);
}

// Until the last word of every write has been read from this core, posted or not.
inline void noc_async_writes_departed(uint8_t noc = tthal::default_noc()) {
    tthal::noc_barrier(tthal::NocOperation::WRITE_FLUSH, noc, tthal::ANY_TRANSACTION_ID, true);
    tthal::noc_barrier(tthal::NocOperation::POSTED_FLUSH, noc, tthal::ANY_TRANSACTION_ID, true);
}

inline bool ncrisc_noc_nonposted_writes_sent(uint32_t noc) {
    return tthal::noc_poll(tthal::NocOperation::WRITE_FLUSH, noc);
}
inline bool ncrisc_noc_posted_writes_sent(uint32_t noc) {
    return tthal::noc_poll(tthal::NocOperation::POSTED_FLUSH, noc);
}
inline bool ncrisc_noc_nonposted_writes_flushed(uint32_t noc) {
    return tthal::noc_poll(tthal::NocOperation::WRITE_BARRIER, noc);
}
inline bool ncrisc_noc_nonposted_write_with_transaction_id_sent(uint32_t noc, uint32_t id) {
    return tthal::noc_poll(tthal::NocOperation::WRITE_FLUSH, noc, tthal::checked_transaction_id(id));
}
inline bool ncrisc_noc_nonposted_write_with_transaction_id_flushed(uint32_t noc, uint32_t id) {
    return tthal::transaction_id_is_done(noc, id);
}

// ---- words

enum class InlineWriteDst : uint8_t { DEFAULT, L1, REG };

template <InlineWriteDst dst_type = InlineWriteDst::DEFAULT, bool posted = false, bool flush = true>
inline void noc_inline_dw_write(uint64_t destination, uint32_t value, uint8_t byte_enable = 0xF,
                                uint8_t noc = tthal::default_noc(), uint8_t = NOC_UNICAST_WRITE_VC, uint32_t = 0) {
    tthal::noc_push(tthal::NocOperation::WRITE_INLINE, noc, destination, 0, 4, value,
                    posted ? tthal::NOC_FLAG_POSTED : 0, 0, byte_enable);
}

template <InlineWriteDst dst_type = InlineWriteDst::DEFAULT, bool posted = false, bool flush = true>
inline void noc_inline_mcast_dw_write(uint64_t destinations, uint32_t value, uint8_t byte_enable = 0xF,
                                      uint8_t noc = tthal::default_noc(), uint8_t = NOC_MULTICAST_WRITE_VC,
                                      uint32_t = 0, uint32_t num_dests = 1) {
    tthal::noc_push(tthal::NocOperation::INLINE_MULTICAST, noc, destinations, 0, num_dests, value,
                    posted ? tthal::NOC_FLAG_POSTED : 0, 0, byte_enable);
}

template <bool posted = false, bool set_val = false>
inline void noc_inline_dw_write_set_state(uint64_t destination, uint32_t value = 0, uint8_t byte_enable = 0xF,
                                          uint8_t = write_at_cmd_buf, uint8_t noc = tthal::default_noc(),
                                          uint8_t = NOC_UNICAST_WRITE_VC) {
    tthal::NocCommand& command = tthal::commands_of(noc).inline_write;
    command.remote = destination;
    command.byte_enable = byte_enable;
    if constexpr (set_val) command.value = value;
}

template <bool update_addr_lo = false, bool update_counter = true, bool posted = false, bool update_addr_hi = false,
          bool update_val = false, InlineWriteDst dst_type = InlineWriteDst::DEFAULT>
inline void noc_inline_dw_write_with_state(uint32_t value, uint32_t address = 0, uint8_t = write_at_cmd_buf,
                                           uint8_t noc = tthal::default_noc()) {
    static_assert(!(update_addr_lo && update_addr_hi), "either the address or the node changes, not both");
    tthal::NocCommand& command = tthal::commands_of(noc).inline_write;
    if constexpr (update_addr_lo) command.remote = tthal::with_local_address(command.remote, address);
    if constexpr (update_addr_hi)
        command.remote = (command.remote & 0xFFFFFFFFFull) | static_cast<uint64_t>(address) << 36;
    if constexpr (update_val) command.value = value;
    tthal::noc_push(tthal::NocOperation::WRITE_INLINE, noc, command.remote, 0, 4, command.value,
                    posted ? tthal::NOC_FLAG_POSTED : 0, 0, command.byte_enable);
}

#pragma clang attribute pop
