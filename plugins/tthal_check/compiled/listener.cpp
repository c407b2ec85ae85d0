// The listener: hands every record to the checks it is about, and keeps what they find.
#include "check.h"

namespace check {

bool is_warning(Kind kind) {
    return kind == Kind::PACK_IN_PLACE || kind == Kind::PAGES_LEFT || kind == Kind::UNACKNOWLEDGED_AT_END ||
           kind == Kind::NOT_CONFIGURED || kind == Kind::LOOPBACK_FROM_OUTSIDE || kind == Kind::LOOPBACK_TO_ITSELF;
}

namespace {

bool same(const Finding& a, const Finding& b) {
    return a.kind == b.kind && a.site == b.site && a.kernel % SLOTS == b.kernel % SLOTS && a.other_site == b.other_site;
}

}  // namespace

// The same mistake of many cores or turns is told once.
void report(State& state, Kind kind, const Record& record, uint32_t other_kernel, uint32_t other_site, uint32_t count,
            uint32_t limit, uint64_t address) {
    const Finding finding = {static_cast<uint32_t>(kind), record.kernel, record.site, other_kernel, other_site, record.id,
                             count, limit, address};
    for (uint32_t i = 0; i < state.finding_count; i++)
        if (same(state.findings[i], finding)) return;
    if (state.finding_count == FINDINGS) return;
    state.findings[state.finding_count++] = finding;
    if (!is_warning(kind)) state.error_count++;
}

}  // namespace check

using namespace check;

extern "C" uint64_t tthal_check_size(uint32_t which) {
    const uint64_t sizes[] = {sizeof(State), sizeof(Core), sizeof(Extent), sizeof(Finding), offsetof(Core, used)};
    return sizes[which];
}

extern "C" void tthal_check_configure(Core* core, uint32_t index, uint32_t address, uint32_t size, uint32_t page_size,
                                      bool exempt) {
    CircularBuffer& buffer = core->buffers[index];
    buffer.address = buffer.write_pointer = buffer.head = buffer.tail = address;
    buffer.size = size;
    buffer.page_size = page_size;
    buffer.configured = 1;
    buffer.exempt = exempt;
    buffer.producer = buffer.consumer = buffer.popped_kernel = buffer.in_place_kernel = NONE;
    buffer.early.kernel = NONE;
    for (uint32_t slot = 0; slot < SLOTS; slot++) buffer.read_pointer[slot] = address;
    core->used[core->used_count++] = static_cast<uint8_t>(index);
}

extern "C" bool tthal_check_listen(void* environment, const Record* records, uint32_t count) {
    State& state = *static_cast<State*>(environment);
    for (uint32_t i = 0; i < count; i++) {
        const Record& record = records[i];
        if (core_of(record) >= state.core_count) continue;
        Core& core = state.cores[core_of(record)];
        if (state.written != nullptr) {
            note_written(state, core, record);
            follow(state, record);
            if (record.event == LOAD || record.event == STORE) check_access(state, core, record);
        }
        if (record.event <= QUEUED_ATOMIC_MULTICAST) {
            check_owner(state, core, record);
            check_transfer(state, core, record);
        } else if (record.event <= ATOMIC_BARRIER || record.event == SEMAPHORE_SET || record.event == DST_SECTION) {
            check_transfer(state, core, record);
        } else if (record.event < SEMAPHORE_SET || record.event == TILE_OPERAND || record.event == TILE_RESULT) {
            check_pages(state, core, record);
        } else if (record.event == PAGE_ADDRESS) {
            note_page_address(state, core, record);
        } else if (record.event == BANK_ADDRESS) {
            note_bank_address(core, record);
        } else if (record.event == SET_UP_MISSING) {
            const bool never = (record.value & 0xFF) == STARTUP;
            report(state, never ? Kind::NEVER_STARTED : Kind::OTHER_SET_UP, record, NONE, 0, record.value, record.local);
        } else if (record.event == CB_MISSING) {
            report(state, Kind::NOT_CONFIGURED, record);
        } else if (record.event == ODD_DIVISION) {
            report(state, record.id ? Kind::DIVISION_OVERFLOW : Kind::DIVISION_BY_ZERO, record);
        } else if (record.event == ENDED) {
            check_end(state, core, record);
        }
    }
    return state.error_count != 0;
}

// Pages that were pushed and never waited for, when all kernels have ended.
extern "C" void tthal_check_finish(State* state) {
    for (uint32_t index = 0; index < state->core_count; index++) {
        Core& core = state->cores[index];
        for (uint32_t i = 0; core.present && i < core.used_count; i++) {
            const CircularBuffer& buffer = core.buffers[core.used[i]];
            if (buffer.exempt || buffer.was_waited || buffer.filled == 0 || buffer.producer == NONE) continue;
            Record record = {};
            record.kernel = buffer.producer;
            record.site = buffer.producer_site;
            record.id = core.used[i];
            report(*state, Kind::PAGES_LEFT, record, NONE, 0, buffer.filled);
        }
    }
}
