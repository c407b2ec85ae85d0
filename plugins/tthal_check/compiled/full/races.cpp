// Races: two kernels touch the same bytes of L1 or DRAM, at least one of them writes, and nothing orders the two. Circular
// buffers and words (semaphores, flags) order kernels, barriers order a kernel and its transfers.
//
// Single words are how kernels tell each other something: of two of them none is a race, unless one of the two is lost.
// What is loaded or stored word after word is data.
#include "races.h"

namespace check {
namespace {

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

bool goes_round(const Record& record) {
    const uint64_t corners = record.remote >> ADDRESS_BITS;
    const uint32_t x1 = corners & AXIS, y1 = corners >> NODE_BITS & AXIS;
    const uint32_t x0 = corners >> 2 * NODE_BITS & AXIS, y0 = corners >> 3 * NODE_BITS & AXIS;
    return record.noc == 0 ? x0 > x1 || y0 > y1 : x0 < x1 || y0 < y1;
}

// The cores that a multicast may reach; of one that goes round the torus, all.
template <typename Visit>
void receivers(const State& state, const Record& record, Visit&& visit) {
    const uint64_t corners = record.remote >> ADDRESS_BITS;
    const uint32_t x1 = corners & AXIS, y1 = corners >> NODE_BITS & AXIS;
    const uint32_t x0 = corners >> 2 * NODE_BITS & AXIS, y0 = corners >> 3 * NODE_BITS & AXIS;
    const bool all = goes_round(record);
    const uint32_t left = all ? 0 : x0 < x1 ? x0 : x1, right = all ? AXIS : x0 < x1 ? x1 : x0;
    const uint32_t top = all ? 0 : y0 < y1 ? y0 : y1, bottom = all ? AXIS : y0 < y1 ? y1 : y0;
    for (uint32_t y = top; y <= bottom; y++)
        for (uint32_t x = left; x <= right; x++) {
            const int32_t node = node_at(state, record.noc, y << NODE_BITS | x);
            const bool itself = static_cast<uint32_t>(node) == core_of(record);
            if (node >= 0 && (!itself || record.flags & INCLUDE_SOURCE)) visit(node);
        }
}

// Where a write arrives. What comes back to where it was sent from changes nothing there.
void touch_target(State& state, const Record& record, uint32_t thread, int32_t node, const Touch& how) {
    const uint64_t address = record.remote & ADDRESS_MASK;
    if (static_cast<uint32_t>(node) == core_of(record) && address == record.local) return;
    touch(state, record, thread, {node, address, record.size}, how);
}

void touch_rectangle(State& state, const Record& record, uint32_t thread, const Touch& how) {
    if (goes_round(record)) return;  // not looked at
    receivers(state, record, [&](int32_t node) { touch_target(state, record, thread, node, how); });
}

// What a transfer tells where it goes to. Of data that are no longer than a word the record has the value.
Telling telling_of(const Record& record) {
    constexpr uint32_t WHOLE_WORD = 0xF;
    const bool is_sure = !(record.flags & EXCLUDE) && record.size == 4;
    switch (record.event) {
        case QUEUED_ATOMIC_INCREMENT: return {false, true, record.value, 0};
        case QUEUED_ATOMIC_MULTICAST: return {false, !goes_round(record), record.value, 0};
        case QUEUED_WRITE_INLINE: return {true, record.extra == WHOLE_WORD, record.value, 0};
        case QUEUED_WRITE: return {true, is_sure, record.extra, 0};
        case QUEUED_WRITE_MULTICAST: return {true, is_sure && !goes_round(record), record.extra, 0};
        default: return {true, false, 0, 0};
    }
}

void tell_at(State& state, const Record& record, uint32_t thread, int32_t node) {
    const Place word = {node, record.remote & ADDRESS_MASK, 4};
    const Telling telling = telling_of(record);
    check_word(state, record, thread, word, telling);
    tell_word(state, record, thread, word, telling);
}

Polled* polls_of(const Races& races, uint32_t thread) { return races.polled + thread * POLLS; }

void hear_polled(State& state, uint32_t thread, const Polled& polled) {
    for (uint32_t at = 0; at < polled.size; at += 4) hear_word(state, thread, polled.node, polled.address + at);
}

// A place for one more; when there is none, that of the oldest.
Polled& next_poll(Races& races, uint32_t thread) {
    Polled* const polls = polls_of(races, thread);
    for (uint32_t i = 0; i < POLLS; i++)
        if (polls[i].size == 0) return polls[i];
    for (uint32_t i = 1; i < POLLS; i++) polls[i - 1] = polls[i];
    return polls[POLLS - 1];
}

void read(State& state, const Record& record, uint32_t thread, int32_t node, uint64_t address) {
    Races& races = *state.races;
    if (record.size <= POLLED) {
        Polled& polled = next_poll(races, thread);
        polled = {address, node, static_cast<uint16_t>(record.size), 0};
        hear_polled(state, thread, polled);
    }
    const uint32_t flight = depart(races, thread, READ_PART, record, node);
    touch(state, record, thread, {node, address, record.size}, {false, word_of(record), READ_PART, flight});
    touch(state, record, thread, {static_cast<int32_t>(core_of(record)), record.local, record.size},
          {true, DATA, READ_PART, flight});
}

void write(State& state, const Record& record, uint32_t thread, int32_t target) {
    Races& races = *state.races;
    const Word word = word_of(record);
    const uint32_t source = depart(races, thread, SOURCE_PART, record, target);
    touch(state, record, thread, {static_cast<int32_t>(core_of(record)), record.local, record.size},
          {false, word, SOURCE_PART, source});
    const Touch how = {true, word, TARGET_PART, depart(races, thread, TARGET_PART, record, target)};
    if (record.event == QUEUED_WRITE_MULTICAST) touch_rectangle(state, record, thread, how);
    else touch_target(state, record, thread, target, how);
}

void transfer(State& state, const Record& record, uint32_t thread) {
    const bool multicast = is_multicast(record);
    const int32_t target = multicast ? RECTANGLE : node_at(state, record.noc, record.remote >> ADDRESS_BITS);
    const uint64_t address = record.remote & ADDRESS_MASK;
    if (target == -1) return;
    if (record.event == QUEUED_READ) return read(state, record, thread, target, address);
    const bool has_data = record.event == QUEUED_WRITE || record.event == QUEUED_WRITE_MULTICAST;
    if (!has_data || record.size <= WORD_SIZE) {
        announce(*state.races, thread, record.noc, target);
        const auto hear = [&](int32_t node) { hear_answer(*state.races, static_cast<uint32_t>(node), thread); };
        if (multicast) receivers(state, record, hear);
        else if (target >= 0 && target != static_cast<int32_t>(core_of(record))) hear(target);
        if (multicast) receivers(state, record, [&](int32_t node) { tell_at(state, record, thread, node); });
        else tell_at(state, record, thread, target);
    }
    if (has_data) write(state, record, thread, target);
}

// A load that is done again and again waits for what it finds: it hears, and is no race.
void load(State& state, const Record& record, uint32_t thread) {
    Races& races = *state.races;
    const uint64_t which = static_cast<uint64_t>(record.site) << 32 | record.local;
    const bool again = races.loaded[thread] == which;
    races.loaded[thread] = which;
    const int32_t core = static_cast<int32_t>(core_of(record));
    const Word word = again ? SINGLE : word_of(races, record, thread);
    if (word != DATA) load_word(state, record, thread, word);
    if (again) races.doubts[thread].kind = 0;
    else touch(state, record, thread, {core, record.local, record.size}, {false, word, PARTS, 0});
}

// A semaphore is set in two events: by the call, which says to what, and by its store.
void set(State& state, const Record& record, uint32_t thread, uint32_t load_site) {
    Races& races = *state.races;
    const Place place = {static_cast<int32_t>(core_of(record)), record.local, 4};
    const bool is_call = record.event == SEMAPHORE_SET;
    const Word word = is_call ? SINGLE : word_of(races, record, thread);
    const Telling telling = {true, is_call, record.value, load_site};
    const bool told = !is_call && races.set_addresses[thread] == record.local;
    races.set_addresses[thread] = is_call ? record.local : 0;
    if (word == SINGLE && !told) check_word(state, record, thread, place, telling);
    hear_load(races, thread);
    if (!is_call)
        touch(state, record, thread, {place.node, record.local, record.size}, {true, told ? SINGLE : word, PARTS, 0});
    if (told || word == DATA) return;
    if (word == SINGLE) tell_word(state, record, thread, place, telling);
    else tell_array(state, record, thread, place.node);
}

// A barrier is told of when it is called. Until it is over others may run, and the read finds what they leave.
void end_polls(State& state, const Record& record, uint32_t thread) {
    Polled* const polls = polls_of(*state.races, thread);
    if (!polls[0].awaited || is_of_machine(record)) return;
    for (uint32_t i = 0; i < POLLS && polls[i].size != 0; i++) {
        hear_polled(state, thread, polls[i]);
        polls[i] = {};
    }
}

void await_polls(const Races& races, uint32_t thread) {
    Polled* const polls = polls_of(races, thread);
    for (uint32_t i = 0; i < POLLS && polls[i].size != 0; i++) polls[i].awaited = 1;
}

void doubt(State& state, const Record& record, uint32_t thread) {
    Finding& doubt = state.races->doubts[thread];
    if (doubt.kind == 0 || (record.event == LOAD && record.site == doubt.site)) return;
    if (is_of_machine(record)) return;
    report(state, doubt);
    doubt.kind = 0;
}

}  // namespace

void follow(State& state, const Record& record) {
    Races& races = *state.races;
    const uint32_t thread = record.kernel < state.core_count * SLOTS ? races.thread_of[record.kernel] : NO_THREAD;
    if (thread == NO_THREAD) return;
    const int32_t core = static_cast<int32_t>(core_of(record));
    end_polls(state, record, thread);
    doubt(state, record, thread);
    const uint32_t load_site = end_load(state, record, thread);
    switch (record.event) {
        case CB_PUSHED:
        case CB_POPPED:
        case CB_WAITED:
        case CB_RESERVED: return move_pages(state, record, thread);
        case SEMAPHORE_SET: return set(state, record, thread, load_site);
        case STORE: return set(state, record, thread, load_site);
        case SEMAPHORE_REACHED: return await_word(state, record, thread);
        case TILE_OPERAND:
            return touch(state, record, thread, {core, record.local, record.size}, {false, DATA, PARTS, 0});
        case TILE_RESULT:
            return touch(state, record, thread, {core, record.local, record.size}, {true, DATA, PARTS, 0});
        case LOAD: return load(state, record, thread);
        default: break;
    }
    if (record.event == READ_BARRIER) await_polls(races, thread);
    if (record.event >= READ_BARRIER && record.event < ATOMIC_BARRIER) return land(races, thread, record);
    if (record.event <= QUEUED_ATOMIC_MULTICAST) transfer(state, record, thread);
}

}  // namespace check
