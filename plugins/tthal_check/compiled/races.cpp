// Races: two kernels touch the same bytes of L1 or DRAM, at least one of them writes, and nothing orders the two. Circular
// buffers and words (semaphores, flags) order kernels, barriers order a kernel and its transfers.
//
// Single words are how kernels tell each other something: of two of them none is a race. What is loaded or stored word after
// word is data. A word that many cores share by multicasts counts as told to all: that may hide a race, and invents none.
#include "races.h"

namespace check {
namespace {

constexpr uint64_t ADDRESS_MASK = (1ull << ADDRESS_BITS) - 1;
constexpr uint32_t NODE_BITS = 6, AXIS = (1 << NODE_BITS) - 1, NODE_MASK = (1 << 2 * NODE_BITS) - 1;
constexpr uint32_t POLLED = 64;  // bytes of a read that may be there to look at a word

int32_t node_at(const State& state, uint32_t noc, uint64_t place) {
    return state.nodes[(noc & 1) * (NODE_MASK + 1) + (place & NODE_MASK)];
}

Word word_of(const Record& transfer) { return transfer.size <= WORD_SIZE ? SINGLE : DATA; }

// A load or store: of a word that follows the one before it in memory, or lies before it, or of a single one.
Word word_of(Races& races, const Record& record, uint32_t thread) {
    uint32_t* const last = races.ends + (thread * 2 + (record.event == STORE)) * 2;
    const bool follows = last[1] != 0 && (record.local == last[1] || record.local + record.size == last[0]);
    last[0] = record.local;
    last[1] = record.local + record.size;
    return record.size > 4 ? DATA : follows ? OF_ARRAY : SINGLE;
}

void touch_rectangle(State& state, const Record& record, uint32_t thread, const Touch& how) {
    const uint64_t corners = record.remote >> ADDRESS_BITS;
    const uint32_t x1 = corners & AXIS, y1 = corners >> NODE_BITS & AXIS;
    const uint32_t x0 = corners >> 2 * NODE_BITS & AXIS, y0 = corners >> 3 * NODE_BITS & AXIS;
    if (record.noc == 0 ? x0 > x1 || y0 > y1 : x0 < x1 || y0 < y1) return;  // round the torus: not looked at
    const uint32_t left = x0 < x1 ? x0 : x1, right = x0 < x1 ? x1 : x0, top = y0 < y1 ? y0 : y1,
                   bottom = y0 < y1 ? y1 : y0;
    for (uint32_t y = top; y <= bottom; y++)
        for (uint32_t x = left; x <= right; x++) {
            const int32_t node = node_at(state, record.noc, y << NODE_BITS | x);
            if (node < 0 || (!(record.flags & INCLUDE_SOURCE) && static_cast<uint32_t>(node) == core_of(record)))
                continue;
            touch(state, record, thread, {node, record.remote & ADDRESS_MASK, record.size}, how);
        }
}

void read(State& state, const Record& record, uint32_t thread, int32_t node, uint64_t address) {
    Races& races = *state.races;
    if (record.size <= POLLED)
        for (uint32_t at = 0; at < record.size; at += 4) acquire_word(races, thread, node, address + at);
    const uint32_t flight = depart(races, thread, READ_PART, record, node);
    touch(state, record, thread, {node, address, record.size}, {false, word_of(record), READ_PART, flight});
    touch(state, record, thread, {static_cast<int32_t>(core_of(record)), record.local, record.size},
          {true, DATA, READ_PART, flight});
}

void write(State& state, const Record& record, uint32_t thread, int32_t target, uint64_t address) {
    Races& races = *state.races;
    const Word word = word_of(record);
    const uint32_t source = depart(races, thread, SOURCE_PART, record, target);
    touch(state, record, thread, {static_cast<int32_t>(core_of(record)), record.local, record.size},
          {false, word, SOURCE_PART, source});
    const Touch how = {true, word, TARGET_PART, depart(races, thread, TARGET_PART, record, target)};
    if (record.event == QUEUED_MULTICAST) touch_rectangle(state, record, thread, how);
    else touch(state, record, thread, {target, address, record.size}, how);
}

void transfer(State& state, const Record& record, uint32_t thread) {
    const bool multicast = record.event == QUEUED_MULTICAST || record.event == QUEUED_INLINE_MULTICAST ||
                           record.event == QUEUED_ATOMIC_MULTICAST;
    const int32_t target = multicast ? RECTANGLE : node_at(state, record.noc, record.remote >> ADDRESS_BITS);
    const uint64_t address = record.remote & ADDRESS_MASK;
    if (target == -1) return;
    if (record.event == QUEUED_READ) return read(state, record, thread, target, address);
    const bool has_data = record.event == QUEUED_WRITE || record.event == QUEUED_MULTICAST;
    if (!has_data || record.size <= WORD_SIZE) {
        announce(*state.races, thread, record.noc, target);
        release_word(*state.races, thread, target, address);
    }
    if (has_data) write(state, record, thread, target, address);
}

// A load that is done again and again waits for what it finds: it hears, and is no race.
void load(State& state, const Record& record, uint32_t thread) {
    Races& races = *state.races;
    const uint64_t which = static_cast<uint64_t>(record.site) << 32 | record.local;
    const bool again = races.loaded[thread] == which;
    races.loaded[thread] = which;
    const int32_t core = static_cast<int32_t>(core_of(record));
    const Word word = again ? SINGLE : word_of(races, record, thread);
    if (word != DATA) acquire_word(races, thread, core, record.local, word);
    if (again) races.doubts[thread].kind = 0;
    else touch(state, record, thread, {core, record.local, record.size}, {false, word, PARTS, 0});
}

void store(State& state, const Record& record, uint32_t thread) {
    const int32_t core = static_cast<int32_t>(core_of(record));
    const Word word = word_of(*state.races, record, thread);
    touch(state, record, thread, {core, record.local, record.size}, {true, word, PARTS, 0});
    if (word != DATA) release_word(*state.races, thread, core, record.local, word);
}

void doubt(State& state, const Record& record, uint32_t thread) {
    Finding& doubt = state.races->doubts[thread];
    if (doubt.kind == 0 || (record.event == LOAD && record.site == doubt.site)) return;
    if (record.event >= TURN && record.event != ENDED) return;  // not of its own doing
    report(state, doubt);
    doubt.kind = 0;
}

}  // namespace

void follow(State& state, const Record& record) {
    Races& races = *state.races;
    const uint32_t thread = record.kernel < state.core_count * SLOTS ? races.thread_of[record.kernel] : NO_THREAD;
    if (thread == NO_THREAD) return;
    const int32_t core = static_cast<int32_t>(core_of(record));
    doubt(state, record, thread);
    switch (record.event) {
        case CB_PUSHED: return release(races, thread, buffer_clock(races, record, 0));
        case CB_POPPED: return release(races, thread, buffer_clock(races, record, 1));
        case CB_WAITED: return acquire(races, thread, buffer_clock(races, record, 0));
        case CB_RESERVED: return acquire(races, thread, buffer_clock(races, record, 1));
        case SEMAPHORE_SET: return release_word(races, thread, core, record.local);
        case SEMAPHORE_REACHED: return acquire_word(races, thread, core, record.local);
        case TILE_OPERAND:
            return touch(state, record, thread, {core, record.local, record.size}, {false, DATA, PARTS, 0});
        case TILE_RESULT:
            return touch(state, record, thread, {core, record.local, record.size}, {true, DATA, PARTS, 0});
        case STORE: return store(state, record, thread);
        case LOAD: return load(state, record, thread);
    }
    if (record.event >= READ_BARRIER && record.event < ATOMIC_BARRIER) return land(races, thread, record);
    if (record.event <= QUEUED_ATOMIC_MULTICAST) transfer(state, record, thread);
}

}  // namespace check
