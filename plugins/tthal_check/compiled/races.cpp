// Races between cores: two transfers to the same bytes, at least one of them a write, that nothing orders.
//
// Every kernel has a clock, and knows those of others as far as circular buffers and semaphores told it (vector clocks). What
// two processors of one core do to each other is not looked at. Semaphores at one address of several cores count as one, a
// write counts as done when the next thing is announced, and of every block only the last accesses are remembered: all that
// can hide a race, none of it invents one.
#include "check.h"

namespace check {
namespace {

constexpr uint64_t ADDRESS_MASK = (1ull << ADDRESS_BITS) - 1;
constexpr uint32_t NODE_MASK = 4095;
constexpr uint32_t BLOCK_SHIFT = 11, PROBES = 8;

uint32_t* clock_of(const State& state, uint32_t thread) { return state.clocks + static_cast<uint64_t>(thread) * state.threads; }

void join(const State& state, uint32_t* into, const uint32_t* from) {
    for (uint32_t i = 0; i < state.threads; i++)
        if (into[i] < from[i]) into[i] = from[i];
}

void release(const State& state, uint32_t thread, uint32_t* into) {
    uint32_t* const own = clock_of(state, thread);
    join(state, into, own);
    own[thread]++;
}

// The clock that words at an address carry; those that no longer fit carry none, which hides nothing but races.
uint32_t* word_clock(State& state, uint32_t address, bool make) {
    for (uint32_t i = 0; i < state.word_count; i++)
        if (state.words[i] == address) return state.word_clocks + static_cast<uint64_t>(i) * state.threads;
    if (!make) return nullptr;
    if (state.word_count == WORDS) {
        state.races_off = 1;  // without this word's clock what follows might seem unordered
        return nullptr;
    }
    state.words[state.word_count] = address;
    return state.word_clocks + static_cast<uint64_t>(state.word_count++) * state.threads;
}

void release_word(State& state, uint32_t thread, uint64_t address) {
    if (uint32_t* const clock = word_clock(state, static_cast<uint32_t>(address) & ~3u, true)) release(state, thread, clock);
}

void acquire_word(State& state, uint32_t thread, uint32_t address) {
    if (const uint32_t* const clock = word_clock(state, address & ~3u, false)) join(state, clock_of(state, thread), clock);
}

uint32_t* buffer_clock(const State& state, const Record& record, uint32_t side) {
    const uint64_t number = (static_cast<uint64_t>(core_of(record)) * CIRCULAR_BUFFERS + record.id) * 2 + side;
    return state.buffer_clocks + number * state.threads;
}

Block* find_block(State& state, uint32_t place, uint64_t number) {
    const uint64_t key = (number << 16 | place) + 1;
    uint64_t at = key * 0x9E3779B97F4A7C15ull >> 48;
    for (uint32_t probe = 0; probe < PROBES; probe++, at = (at + 1) % BLOCKS) {
        Block& block = state.blocks[at];
        if (block.key == key) return &block;
        if (block.key == 0) {
            block.key = key;
            return &block;
        }
    }
    Block& block = state.blocks[at];  // an older one is forgotten
    block = {};
    block.key = key;
    return &block;
}

void access(State& state, const Record& record, uint32_t thread, uint32_t place, uint64_t from, uint64_t to, bool writes) {
    const uint32_t* const clock = clock_of(state, thread);
    for (uint64_t at = from; at < to;) {
        const uint64_t number = at >> BLOCK_SHIFT, end = (number + 1) << BLOCK_SHIFT;
        const uint32_t begin = static_cast<uint32_t>(at - (number << BLOCK_SHIFT));
        const uint32_t stop = static_cast<uint32_t>((end < to ? end : to) - (number << BLOCK_SHIFT));
        Block& block = *find_block(state, place, number);
        Access* mine = nullptr;
        for (Access& other : block.accesses) {
            if (other.site == 0 && other.end == 0) continue;
            if (other.thread == thread && other.writes == writes && other.begin == begin && other.end == stop) mine = &other;
            if (state.core_of_thread[other.thread] == core_of(record) || (!writes && !other.writes)) continue;
            if (other.begin >= stop || other.end <= begin || clock[other.thread] >= other.epoch) continue;
            const Kind kind = writes ? (other.writes ? Kind::RACE_WRITES : Kind::RACE_OVERWRITTEN) : Kind::RACE_READ;
            return report(state, kind, record, other.kernel, other.site, static_cast<uint32_t>(to - from), place, from);
        }
        Access& slot = mine != nullptr ? *mine : block.accesses[block.next++ % ACCESSES];
        slot = {static_cast<uint16_t>(thread), writes, static_cast<uint16_t>(begin), static_cast<uint16_t>(stop), clock[thread],
                record.site, record.kernel};
        at = end < to ? end : to;
    }
}

void transfer(State& state, const Record& record, uint32_t thread) {
    const int32_t node = state.nodes[record.noc * (NODE_MASK + 1) + (record.remote >> ADDRESS_BITS & NODE_MASK)];
    const uint64_t address = record.remote & ADDRESS_MASK;
    if (record.event == QUEUED_READ || record.event == QUEUED_WRITE) {
        const bool in_dram = node <= -2, writes = record.event == QUEUED_WRITE;
        const bool is_flag = writes && !in_dram && record.size <= 16;
        if (in_dram) access(state, record, thread, static_cast<uint32_t>(-2 - node), address, address + record.size, writes);
        if (is_flag) release_word(state, thread, address);
        return;
    }
    // Words, increments and multicasts may be what somebody waits for.
    const uint32_t size = record.event == QUEUED_MULTICAST ? record.size : 4;
    if (size <= 16) release_word(state, thread, address);
}

}  // namespace

void follow(State& state, const Record& record) {
    const uint32_t thread = record.kernel < state.core_count * SLOTS ? state.thread_of[record.kernel] : NO_THREAD;
    if (thread == NO_THREAD || state.races_off) return;
    switch (record.event) {
        case CB_PUSHED: return release(state, thread, buffer_clock(state, record, 0));
        case CB_POPPED: return release(state, thread, buffer_clock(state, record, 1));
        case CB_WAITED: return join(state, clock_of(state, thread), buffer_clock(state, record, 0));
        case CB_RESERVED: return join(state, clock_of(state, thread), buffer_clock(state, record, 1));
        case SEMAPHORE_SET: return release_word(state, thread, record.local);
        case SEMAPHORE_REACHED: return acquire_word(state, thread, record.local);
        case STORE:  // a flag that somebody polls; of words that carry no clock nobody can have heard
            if (uint32_t* const clock = word_clock(state, record.local & ~3u, false)) release(state, thread, clock);
            return;
        case LOAD:
            if (record.size <= 16) acquire_word(state, thread, record.local);
            return;
    }
    if (record.event <= QUEUED_ATOMIC_MULTICAST) transfer(state, record, thread);
}

}  // namespace check
