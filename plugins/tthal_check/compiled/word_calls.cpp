// Who sets and raises words of L1, and whose waits for them end: for the report of a deadlock.
#include "check.h"

namespace check {
namespace {

bool is_same(const WordCall& known, const Record& record, uint64_t address) {
    return known.remote == address && known.kernel == record.kernel && known.site == record.site &&
           known.event == record.event && known.noc == record.noc;
}

// Where calls like this one are kept, or may be; nullptr when all places are taken.
WordCall* place_of(State& state, const Record& record, uint64_t address) {
    uint64_t mixed = address ^ address >> 24 ^ record.kernel * 0x9E37ull ^ record.site * 0x85EBull ^ record.noc;
    mixed = (mixed ^ static_cast<uint64_t>(record.event) << 8) * 0x9E3779B97F4A7C15ull >> 40;
    for (uint32_t i = 0; i < WORD_CALL_PLACES; i++) {
        WordCall& place = state.word_calls[(mixed + i) % WORD_CALLS];
        if (place.times == 0 || is_same(place, record, address)) return &place;
    }
    return nullptr;
}

// Whether a transfer is about a word, or about what may be a flag: semaphores lie at the same address on all cores.
bool is_of_words(const Core& core, const Record& record, uint64_t address) {
    if (record.event >= QUEUED_WRITE_INLINE) return true;
    if (record.event != QUEUED_READ && record.size == 4) return true;
    return address < core.semaphores_end && address + record.size > core.semaphores;
}

}  // namespace

void note_word_call(State& state, const Record& record, uint64_t address, uint32_t size, uint32_t value) {
    WordCall* const place = place_of(state, record, address);
    if (place == nullptr) {
        state.word_calls_lost++;
        return;
    }
    const uint32_t times = place->times + 1, sum = place->sum + value;
    *place = {address, record.kernel, record.site,  size,       times,        sum,
              value,   record.serial, record.event, record.noc, record.flags, 0};
}

// A transfer between cores, or to many of them.
void note_word_written(State& state, const Core& core, const Record& record) {
    const bool is_inline = record.event >= QUEUED_WRITE_INLINE, is_read = record.event == QUEUED_READ;
    const uint64_t address = is_read ? record.local : record.remote & ADDRESS_MASK;
    if (!is_of_words(core, record, address)) return;
    note_word_call(state, record, is_read ? address : record.remote, is_inline ? 4 : record.size,
                   is_inline ? record.value : record.extra);
}

}  // namespace check
