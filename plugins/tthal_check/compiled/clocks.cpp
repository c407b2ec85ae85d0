// Vector clocks: every kernel counts what it tells others, and knows how far it has heard of each of them.
#include "races.h"

namespace check {
namespace {

void join(const Races& races, uint32_t* into, const uint32_t* from) {
    for (uint32_t i = 0; i < races.threads; i++)
        if (into[i] < from[i]) into[i] = from[i];
}

constexpr uint32_t NOWHERE = ~0u;

uint32_t* clock_at(const Races& races, uint32_t number) {
    return races.word_clocks + static_cast<uint64_t>(number) * races.threads;
}

// The place of the clock that a word carries. Words that find none share the last: that may hide a race, and invents none.
uint32_t find_word(Races& races, int32_t node, uint64_t address, bool make) {
    const uint64_t key = (static_cast<uint64_t>(static_cast<uint32_t>(node)) << 32 | (address & ~3ull)) + 1;
    uint64_t place = key * 0x9E3779B97F4A7C15ull >> 32;
    for (uint32_t probe = 0; probe < WORD_PROBES; probe++, place++) {
        uint64_t& word = races.words[place % WORDS];
        if (word == 0 && make) word = key;
        if (word == key) return place % WORDS;
        if (word == 0) return NOWHERE;
    }
    if (make) races.words_lost = 1;
    return races.words_lost ? WORDS : NOWHERE;
}

}  // namespace

uint32_t* clock_of(const Races& races, uint32_t thread) {
    return races.clocks + static_cast<uint64_t>(thread) * races.threads;
}

void release(Races& races, uint32_t thread, uint32_t* into) {
    uint32_t* const own = clock_of(races, thread);
    join(races, into, own);
    own[thread]++;
}

void acquire(Races& races, uint32_t thread, const uint32_t* from) { join(races, clock_of(races, thread), from); }

uint32_t* buffer_clock(const Races& races, const Record& record, uint32_t side) {
    const uint64_t number =
        (static_cast<uint64_t>(core_of(record)) * CIRCULAR_BUFFERS + record.id % CIRCULAR_BUFFERS) * 2 + side;
    return races.buffer_clocks + number * races.threads;
}

void release_word(Races& races, uint32_t thread, int32_t node, uint64_t address, Word word) {
    const uint32_t place = find_word(races, node, address, true);
    races.singles[place] = word == SINGLE || place == WORDS;
    // Words of an array are told one by one: to count each would make as many accesses of them.
    if (word == OF_ARRAY) join(races, clock_at(races, place), clock_of(races, thread));
    else release(races, thread, clock_at(races, place));
}

void acquire_word(Races& races, uint32_t thread, int32_t node, uint64_t address, Word word) {
    const int32_t nodes[] = {node, RECTANGLE};
    for (const int32_t where : nodes) {
        const uint32_t place = find_word(races, where, address, false);
        if (place != NOWHERE && (word == SINGLE || races.singles[place]))
            acquire(races, thread, clock_at(races, place));
    }
}

}  // namespace check
