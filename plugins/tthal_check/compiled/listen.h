// How records are handed to the checks that they are about.
#pragma once

#include "check.h"

namespace check {

// A set of kinds of events, a bit each.
template <typename... Events>
constexpr uint64_t set_of(Events... events) {
    return (... | (1ull << static_cast<uint32_t>(events)));
}
constexpr uint64_t TRANSFERS_QUEUED = set_of(QUEUED_READ, QUEUED_WRITE, QUEUED_WRITE_MULTICAST, QUEUED_WRITE_INLINE,
                                             QUEUED_INLINE_MULTICAST, QUEUED_ATOMIC_INCREMENT, QUEUED_ATOMIC_MULTICAST);
constexpr uint64_t BARRIERS = set_of(READ_BARRIER, WRITE_BARRIER, WRITE_FLUSH, POSTED_FLUSH, ATOMIC_BARRIER);
constexpr uint64_t PAGES = set_of(CB_RESERVED, CB_PUSHED, CB_WAITED, CB_POPPED, TILE_OPERAND, TILE_RESULT);

// The most frequent ones first; a comparison for sets of kinds costs less than one for each.
inline void examine(State& state, Core& core, Processor& processor, const Record& record) {
    const uint32_t event = static_cast<uint32_t>(record.event);
    const uint64_t kind = event < 64 ? 1ull << event : 0;
    if (kind & PAGES) return check_pages(state, core, processor, record);
    if (kind & TRANSFERS_QUEUED) return check_queued(state, core, processor, record);
    if (record.event == PAGE_ADDRESS) return note_page_address(state, processor, record);
    if (kind & BARRIERS) return check_barrier(state, core, processor, record);
    if (record.event == DST_SECTION) return note_section(processor, record);
    examine_rare(state, core, record);
}

inline void fetch(const void* from, uint32_t size) {
    for (uint32_t at = 0; at < size; at += LINE) __builtin_prefetch(static_cast<const uint8_t*>(from) + at, 1);
}

// What is kept of other cores, and their data, have driven this core's out of the nearest cache since its last turn.
inline void fetch(const Core& core, const Processor& processor) {
    for (uint32_t i = 0; i < core.used_count; i++) fetch(&core.buffers.kept[core.used[i]], sizeof(CircularBuffer));
    fetch(&processor, 4 * LINE);
}

inline bool is_to_stop(const State& state) { return state.error_count != 0 && !state.go_on; }

inline Core* core_at(const State& state, const Record& record) {
    return core_of(record) < state.core_count ? &state.cores[core_of(record)] : nullptr;
}

// Records come in turns: many of one kernel after each other. A launch that is to stop does so after the turn.
template <typename Hear>
void each_record(State& state, const Record* records, uint32_t count, Hear&& hear) {
    for (uint32_t i = 0; i < count && !is_to_stop(state);) {
        const uint32_t kernel = records[i].kernel;
        Core* const core = core_at(state, records[i]);
        if (core == nullptr) {
            i++;
            continue;
        }
        Processor& processor = core->processors[kernel % SLOTS];
        fetch(*core, processor);
        for (; i < count && records[i].kernel == kernel; i++) hear(*core, processor, records[i]);
    }
}

}  // namespace check
