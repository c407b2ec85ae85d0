// What the race checks keep: vector clocks, transfers under way, and who touched which bytes last. All memory is Python's
// (clocks.py lays it out).
#pragma once

#include "../check.h"

namespace [[gnu::visibility("hidden")]] check {

constexpr uint32_t WORDS = 16384, WORD_PROBES = 16;
constexpr uint32_t TOLD = 8;  // of what was told by one word; older ones are forgotten
constexpr uint32_t POOL = 24 << 20, POOL_SIZES = 10;  // words for clocks, and how many sizes of pieces there are
constexpr uint32_t BLOCKS = 1 << 22, INDEX = BLOCKS * 2, BLOCK_SHIFT = 10, ACCESSES = 8;
constexpr uint32_t FLIGHTS = 1 << 16;
constexpr uint16_t NO_THREAD = 0xFFFF;

// The part of a transfer that one barrier ends.
enum Part : uint8_t { READ_PART, SOURCE_PART, TARGET_PART, PARTS };

// Transfers under way of a kernel: by part, and the targets of posted writes apart.
constexpr uint32_t POSTED_CHAIN = PARTS, CHAINS = PARTS + 1;

struct Place {
    int32_t node;  // a core, or -2 - channel of DRAM
    uint64_t address;
    uint32_t size;
};

// How kernels tell each other something: with single words. Words of an array, one after the other, are data.
enum Word : uint8_t { DATA, OF_ARRAY, SINGLE };

// Somebody touched bytes of a block. Of a transfer, `flight` says whether it is over; else it was over at once.
struct Access {
    uint16_t thread;
    uint8_t writes : 1;
    uint8_t word : 2;  // Word
    Part part;
    uint16_t begin, end;
    uint32_t epoch, flight, site;
};
static_assert(sizeof(Access) == 20);

struct Block {
    uint64_t key;
    uint32_t count, next;
    Access accesses[ACCESSES];
};

struct Flight {
    uint32_t serial, next;  // next: of the same thread and part, older
    uint32_t epoch;         // of its thread, when it was over; 0 as long as it is under way
    int32_t target;         // as State::nodes; RECTANGLE for a multicast
    uint8_t noc, id, flags, flushed;
    uint32_t announced;  // of a source: the epoch of a word behind the data: who hears it knows that they have left
};
constexpr int32_t RECTANGLE = INT32_MAX;

// What a kernel told by a word: it set it, or added to it.
struct Telling {
    bool is_set, is_known;
    uint32_t value;      // when it is known: of a set the new one, else what is added
    uint32_t load_site;  // where it loaded the word just before, when it changes what it found
};

// How far each kernel had come as far as somebody knows. Most know of few: only `begin` to `end` is kept, and the others'
// count is 0; that of thread `first` + i stands at `at[i]`, of `room`.
struct Clock {
    uint16_t first, room, begin, end;
    uint32_t uses;  // of a piece of the pool: by how many it is held
    uint32_t at[];
};
static_assert(sizeof(Clock) == 12);

// The same, as it is remembered: with the word's value from then on, and what its teller knew.
struct Told {
    uint32_t value, epoch, site, load_site;
    uint32_t clock;  // where in the pool; 0: there was no room for it. The teller's own time is `epoch`, whatever it says
    uint16_t thread;
    uint8_t is_set, is_known;
};
static_assert(sizeof(Told) == 24);

// What was told by one word, or by one side of a circular buffer, whose value is how many pages went there: `count` times,
// of which the last is `one`, or the last TOLD are in a ring.
struct History {
    uint32_t count : 31, is_lost : 1;  // is_lost: some of `all` is in Races::lost
    uint32_t all, ring;  // where in the pool: what all tellers knew (0: what `one` did, if anybody told), and the ring
    Told one;
};
static_assert(sizeof(History) == 36);

// The value of a word before anything was told by it.
struct Before {
    bool is_known;
    uint32_t value;
};

constexpr uint32_t POLLS = 8;  // reads that a kernel looks at words by before one barrier

// A read of some words that may look for what they tell, which it does until its barrier is over.
struct Polled {
    uint64_t address;
    int32_t node;
    uint16_t size;     // 0: none
    uint16_t awaited;  // its barrier was called: it is over when the kernel goes on
};

// A word that a kernel loaded and that it may be waiting for; address 0: none. A load is told of before it is done:
// when its kernel gave way between the two, it finds what others left meanwhile.
struct Heard {
    uint32_t address, site;
    Word word;
    bool is_later;
    uint16_t padding;
};
static_assert(sizeof(Heard) == 12);

struct Races {
    const uint16_t* thread_of;  // by kernel
    const uint32_t* kernel_of;  // by thread
    uint32_t* clocks;           // [threads]: a Clock with room for all
    uint32_t* lost;             // the same: what all those told who found no place for it
    History* buffer_histories;  // [cores][places of circular buffers][pushed, popped]
    uint16_t* word_index;       // [2 * WORDS]: a word's number + 1
    uint64_t* words;            // [WORDS]: node and address
    History* word_histories;    // [WORDS]
    uint32_t* pool;             // [POOL]: clocks of what was told, and rings
    uint32_t* snapshots;        // [threads]: where in the pool it stands what a kernel knows, as long as it learns nothing
    Heard* heard;               // [threads]: the word that it loaded last
    uint32_t* heard_clocks;     // [threads]: a Clock with room for all: what it hears by that
    Polled* polled;             // [threads][POLLS]: those of the last barrier, or before the next
    uint32_t* set_addresses;    // [threads]: of a semaphore that it is about to store
    uint32_t* chains;           // [threads][CHAINS]: the newest flight
    uint64_t* loaded;           // [threads]: the address and line of the last load
    uint32_t* ends;             // [threads][loads, stores]: begin and end of the last one
    Finding* doubts;            // [threads]: what is a race unless the next load is the same again
    Flight* flights;            // [FLIGHTS]
    uint32_t* index;            // [INDEX]: a block's number + 1
    Block* blocks;              // [BLOCKS]
    uint32_t threads, serial, block_count, words_lost, words_used, reorders_multicasts;
    uint32_t recent_block, recent_word;  // numbers of those that were found last, often asked for again
    uint32_t arrays_used, pool_used;     // whether words of arrays are remembered block by block
    uint32_t buffer_places;              // how many a core has, see ByBuffer
    uint32_t pool_free[POOL_SIZES];      // the first free piece of each size, which names the next
};

// What the machine tells of a kernel, which is not of the kernel's own doing.
inline bool is_of_machine(const Record& record) { return record.event >= TURN && record.event != ENDED; }

// ---- clocks.cpp: who knows of what

constexpr uint32_t NOTHING = ~0u;

inline Clock& clock_at(uint32_t* clocks, const Races& races, uint32_t thread) {
    return *reinterpret_cast<Clock*>(clocks + static_cast<uint64_t>(thread) * (sizeof(Clock) / 4 + races.threads));
}
inline Clock& clock_of(const Races& races, uint32_t thread) { return clock_at(races.clocks, races, thread); }
inline Clock& heard_by(const Races& races, uint32_t thread) { return clock_at(races.heard_clocks, races, thread); }
inline uint32_t time_of(const Clock& clock, uint32_t thread) {
    return thread >= clock.begin && thread < clock.end ? clock.at[thread - clock.first] : 0;
}
inline uint32_t epoch_of(const Races& races, uint32_t thread) { return clock_of(races, thread).at[thread]; }
inline bool knows(const Races& races, uint32_t thread, uint32_t other, uint32_t epoch) {
    return time_of(clock_of(races, thread), other) >= epoch;
}

void start(Races& races);
void join(Clock& into, const Clock& from);
Clock& learning(Races& races, uint32_t thread);
const Told& told_at(const Races& races, const History& history, uint32_t number);
uint32_t oldest(const History& history);
void tell(Races& races, uint32_t thread, History& history, Before first, const Telling& telling, uint32_t site);
void add_to_all(Races& races, History& history, const Clock& clock);
void tell_lost(Races& races, uint32_t thread);
void hear_all(const Races& races, const History& history, Clock& into);
void hear_lost(const Races& races, Clock& into);
void await(Races& races, uint32_t thread, const History& history, Before first, uint32_t value, bool more_is_enough);
uint32_t newest_known(const Races& races, uint32_t thread, const History& history);

// ---- words.cpp: what words tell

void check_word(State& state, const Record& record, uint32_t thread, const Place& word, const Telling& telling);
void tell_word(State& state, const Record& record, uint32_t thread, const Place& word, const Telling& telling);
void tell_array(State& state, const Record& record, uint32_t thread, int32_t node);
void hear_word(State& state, uint32_t thread, int32_t node, uint64_t address);
void await_word(State& state, const Record& record, uint32_t thread);
void load_word(State& state, const Record& record, uint32_t thread, Word word);
uint32_t end_load(State& state, const Record& record, uint32_t thread);
void hear_load(Races& races, uint32_t thread);

// ---- credits.cpp: what the pages of circular buffers tell

void move_pages(State& state, const Record& record, uint32_t thread);

// ---- flights.cpp: transfers under way

uint32_t depart(Races& races, uint32_t thread, Part part, const Record& record, int32_t target);
void land(Races& races, uint32_t thread, const Record& barrier);
void announce(Races& races, uint32_t thread, uint32_t noc, int32_t target);
bool is_ordered(const Races& races, const Access& before, uint32_t thread);
void hear_answer(Races& races, uint32_t core, uint32_t teller);
const Flight* flight_of(const Races& races, const Access& access);

// ---- shadow.cpp: who touched which bytes

struct Touch {
    bool writes;
    Word word;
    Part part;
    uint32_t flight;
};
void touch(State& state, const Record& record, uint32_t thread, const Place& place, const Touch& how);

}  // namespace check
