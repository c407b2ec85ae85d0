// The listener: hands every record to the checks it is about, and keeps what they find.
#include "listen.h"

namespace check {

bool is_warning(Kind kind) {
    return kind == Kind::PACK_IN_PLACE || kind == Kind::PAGES_LEFT || kind == Kind::UNACKNOWLEDGED_AT_END ||
           kind == Kind::NOT_CONFIGURED || kind == Kind::SOURCE_FLUSHED || kind == Kind::LOOPBACK_FROM_OUTSIDE || kind == Kind::LOOPBACK_TO_ITSELF ||
           kind == Kind::DIVISION_BY_ZERO || kind == Kind::DIVISION_OVERFLOW;
}

// What Python looks at again when the launch has ended: whether a load and a store are of one line.
bool is_told_at_the_end(Kind kind) { return kind == Kind::RACE_CHANGED; }

namespace {

bool same(const Finding& a, const Finding& b) {
    if (a.kind == b.kind && is_told_at_the_end(static_cast<Kind>(a.kind)))
        return a.address == b.address && a.limit == b.limit && a.kernel == b.kernel;
    return a.kind == b.kind && a.site == b.site && a.kernel % SLOTS == b.kernel % SLOTS && a.other_site == b.other_site;
}

}  // namespace

// The same mistake of many cores or turns is told once.
void report(State& state, Kind kind, const Record& record, uint32_t other_kernel, uint32_t other_site, uint32_t count,
            uint32_t limit, uint64_t address) {
    report(state, {static_cast<uint32_t>(kind), record.kernel, record.site, other_kernel, other_site, record.id, count,
                   limit, address});
}

void report(State& state, const Finding& finding) {
    if (state.suppressed[finding.kind % KINDS]) {
        state.suppressed_count++;
        return;
    }
    for (uint32_t i = 0; i < state.finding_count; i++)
        if (same(state.findings[i], finding)) return;
    if (state.finding_count == FINDINGS) return;
    state.findings[state.finding_count++] = finding;
    const Kind kind = static_cast<Kind>(finding.kind);
    if (!is_warning(kind) && !is_told_at_the_end(kind)) state.error_count++;
}

// Events that come once or seldom.
void examine_rare(State& state, Core& core, const Record& record) {
    switch (record.event) {
        case SEMAPHORE_SET:
            check_sources(state, core, record, Kind::SEMAPHORE_REUSED, record.local, 4);
            [[fallthrough]];
        case SEMAPHORE_REACHED: return note_word_call(state, record, record.local, 4, record.value);
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

}  // namespace check

using namespace check;

extern "C" uint64_t tthal_check_size(uint32_t which) {
    const uint64_t sizes[] = {sizeof(State), sizeof(Core), sizeof(CircularBuffer), sizeof(Finding), sizeof(Transfer)};
    return sizes[which];
}

extern "C" void tthal_check_configure(Core* core, uint32_t index, uint32_t address, uint32_t size, uint32_t page_size,
                                      bool exempt) {
    CircularBuffer& buffer = core->buffers[index];
    buffer.address = buffer.write_pointer = buffer.head = buffer.tail = address;
    buffer.size = size;
    buffer.page_size = page_size;
    buffer.configured = 1;
    buffer.id = static_cast<uint8_t>(index);
    buffer.exempt = exempt || page_size == 0;
    buffer.producer = buffer.consumer = buffer.in_place_kernel = buffer.waiter = NONE;
    core->early[index].kernel = NONE;
    for (uint32_t slot = 0; slot < SLOTS; slot++) buffer.read_pointer[slot] = address;
    find_at(*core, address, size, [&](CircularBuffer& other) {
        other.is_shared = buffer.is_shared = 1;
        return false;
    });
    core->used[core->used_count++] = core->buffers.places[index];
}

extern "C" bool tthal_check_listen(void* environment, const Record* records, uint32_t count) {
    State& state = *static_cast<State*>(environment);
    each_record(state, records, count, [&](Core& core, Processor& processor, const Record& record) {
        examine(state, core, processor, record);
    });
    return is_to_stop(state);
}

// How many pages of a circular buffer were pushed and never waited for, when all kernels have ended. One whose pages were
// waited for elsewhere only, or whose last ones are left and carry nothing, as those of locks, is as it should be.
static uint32_t pages_left(Core& core, const CircularBuffer& buffer, bool is_awaited_elsewhere) {
    if (buffer.exempt || buffer.producer == NONE || buffer.pushed <= buffer.seen) return 0;
    const auto is_filled = [](const CircularBuffer& other) { return other.is_filled != 0; };
    const bool carries = find_at(core, buffer.address, buffer.size, is_filled) != nullptr;
    return (buffer.seen != 0 ? carries : !is_awaited_elsewhere) ? buffer.pushed - buffer.seen : 0;
}

// A kernel that is alone on its core fills pages for the host, or for a launch to come; and one that many cores run may push
// what only some of them need.
extern "C" void tthal_check_finish(State* state) {
    uint64_t awaited = 0;
    for (uint32_t index = 0; index < state->core_count; index++)
        for (uint32_t i = 0; i < state->cores[index].used_count; i++) {
            const CircularBuffer& buffer = state->cores[index].buffers.kept[state->cores[index].used[i]];
            if (buffer.seen != 0) awaited |= 1ull << buffer.id;
        }
    for (uint32_t index = 0; index < state->core_count; index++) {
        Core& core = state->cores[index];
        for (uint32_t i = 0; core.present > 1 && i < core.used_count; i++) {
            const CircularBuffer& buffer = core.buffers.kept[core.used[i]];
            const uint32_t left = pages_left(core, buffer, awaited >> buffer.id & 1);
            if (left == 0) continue;
            Record record = {};
            record.kernel = buffer.producer;
            record.site = buffer.producer_site;
            record.id = buffer.id;
            report(*state, Kind::PAGES_LEFT, record, buffer.waiter, buffer.waiter_site, left);
        }
    }
}
