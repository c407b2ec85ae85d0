// The NoC driver's own functions that some kernels call past the API.
#pragma once

#include "tthal/dataflow/noc_semaphores.h"

#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

template <uint8_t noc_mode = DM_DEDICATED_NOC, bool use_trid = false, bool one_packet = false>
inline void ncrisc_noc_fast_write_any_len(uint32_t noc, uint32_t, uint32_t source, uint64_t destination, uint32_t size,
                                          uint32_t, bool multicast, bool linked, uint32_t num_dests, bool,
                                          bool posted = false, uint32_t id = 0) {
    if constexpr (one_packet) tthal::require_one_packet(size);
    if constexpr (use_trid) noc_async_write_set_trid(id, noc);
    const uint8_t flags = (posted ? tthal::NOC_FLAG_POSTED : 0) | (linked ? tthal::NOC_FLAG_LINKED : 0);
    tthal::noc_push(multicast ? tthal::NocOperation::WRITE_MULTICAST : tthal::NocOperation::WRITE, noc, destination,
                    source, size, num_dests, flags, tthal::commands_of(noc).write.transaction_id);
}

// A command buffer is known by its number: reads leave by read_cmd_buf, writes by another.
inline void ncrisc_noc_set_transaction_id(uint32_t noc, uint32_t command_buffer, uint32_t id) {
    if (command_buffer == read_cmd_buf) noc_async_read_set_trid(id, noc);
    else noc_async_write_set_trid(id, noc);
}

template <uint8_t noc_mode = DM_DEDICATED_NOC, bool skip_ptr_update = false, bool skip_cmdbuf_chk = false>
inline void ncrisc_noc_fast_read_with_transaction_id(uint32_t noc, uint32_t, uint32_t base, uint32_t offset,
                                                     uint32_t destination, uint32_t id) {
    noc_async_read_one_packet_with_state_with_trid<skip_ptr_update>(base, offset, destination, id, noc);
}

template <uint8_t noc_mode = DM_DEDICATED_NOC>
inline void ncrisc_noc_fast_read_any_len(uint32_t noc, uint32_t, uint64_t source, uint32_t destination, uint32_t size,
                                         uint32_t = 0) {
    tthal::push_read(noc, source, destination, size);
}

// Adds within the lowest `wrap + 1` bits of the word.
template <uint8_t noc_mode = DM_DEDICATED_NOC>
inline void noc_fast_atomic_increment(uint32_t noc, uint32_t, uint64_t address, uint32_t, uint32_t increment,
                                      uint32_t wrap, bool, bool posted = false, uint32_t = 0) {
    tthal::noc_push(tthal::NocOperation::ATOMIC_INCREMENT, noc, address, 0, wrap + 1, increment,
                    posted ? tthal::NOC_FLAG_POSTED : 0);
}

// With a dynamic NoC both processors of a core count together; here each knows its own.
inline bool ncrisc_dynamic_noc_reads_flushed(uint32_t noc) { return ncrisc_noc_reads_flushed(noc); }
inline bool ncrisc_dynamic_noc_nonposted_writes_sent(uint32_t noc) { return ncrisc_noc_nonposted_writes_sent(noc); }
inline bool ncrisc_dynamic_noc_nonposted_writes_flushed(uint32_t noc) {
    return ncrisc_noc_nonposted_writes_flushed(noc);
}
inline bool ncrisc_dynamic_noc_posted_writes_sent(uint32_t noc) { return ncrisc_noc_posted_writes_sent(noc); }
inline bool ncrisc_dynamic_noc_nonposted_atomics_flushed(uint32_t noc) {
    return ncrisc_noc_nonposted_atomics_flushed(noc);
}

// On hardware a processor counts its transfers beside the NoC's own counters, and these bring the two in step again. Here
// the counts are the host's, of one processor each and of both NoCs, so that they never differ: nothing is to be done.
inline void ncrisc_noc_counters_init() {}
inline void dynamic_noc_local_state_init() {}

#pragma clang attribute pop
