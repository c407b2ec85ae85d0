// How records are handed to the checks that they are about.
#pragma once

#include "check.h"

namespace check {

inline void examine(State& state, Core& core, const Record& record) {
    switch (record.event) {
        case QUEUED_READ:
        case QUEUED_WRITE:
        case QUEUED_WRITE_MULTICAST:
        case QUEUED_WRITE_INLINE:
        case QUEUED_INLINE_MULTICAST:
        case QUEUED_ATOMIC_INCREMENT:
        case QUEUED_ATOMIC_MULTICAST: check_owner(state, core, record); return check_transfer(state, core, record);
        case READ_BARRIER:
        case WRITE_BARRIER:
        case WRITE_FLUSH:
        case POSTED_FLUSH:
        case ATOMIC_BARRIER:
        case SEMAPHORE_SET:
        case DST_SECTION: return check_transfer(state, core, record);
        case CB_RESERVED:
        case CB_PUSHED:
        case CB_WAITED:
        case CB_POPPED:
        case TILE_OPERAND:
        case TILE_RESULT: return check_pages(state, core, record);
        case PAGE_ADDRESS: return note_page_address(state, core, record);
        case BANK_ADDRESS: return note_bank_address(core, record);
        case SET_UP_MISSING: {
            const bool never = static_cast<SetUp>(record.value & 0xFF) == SetUp::STARTUP;
            return report(state, never ? Kind::NEVER_STARTED : Kind::OTHER_SET_UP, record, NONE, 0, record.value,
                          record.local);
        }
        case CB_MISSING: return report(state, Kind::NOT_CONFIGURED, record);
        case ODD_DIVISION: return report(state, record.id ? Kind::DIVISION_OVERFLOW : Kind::DIVISION_BY_ZERO, record);
        case ENDED: return check_end(state, core, record);
        default: return;  // what no check is about
    }
}

inline void fetch(const void* from, uint32_t size) {
    for (uint32_t at = 0; at < size; at += LINE) __builtin_prefetch(static_cast<const uint8_t*>(from) + at, 1);
}

// What is kept of other cores, and their data, have driven this core's out of the nearest cache since its last turn.
inline void fetch(const Core& core, uint32_t slot) {
    for (uint32_t i = 0; i < core.used_count; i++) fetch(&core.buffers.kept[core.used[i]], sizeof(CircularBuffer));
    fetch(&core.processors[slot], 4 * LINE);
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
        if (core != nullptr) fetch(*core, kernel % SLOTS);
        for (; i < count && records[i].kernel == kernel; i++)
            if (core != nullptr) hear(*core, records[i]);
    }
}

}  // namespace check
