// What the race checks keep: vector clocks, transfers under way, and who touched which bytes last. All memory is Python's
// (clocks.py lays it out).
#pragma once

#include "check.h"

namespace check {

constexpr uint32_t WORDS = 4096, WORD_PROBES = 8;
constexpr uint32_t BLOCKS = 1 << 18, INDEX = BLOCKS * 2, BLOCK_SHIFT = 10, ACCESSES = 8;
constexpr uint32_t FLIGHTS = 1 << 16;
constexpr uint32_t WORD_SIZE =
    32;  // transfers up to here are taken for words by which kernels tell each other something
constexpr uint16_t NO_THREAD = 0xFFFF;

// The part of a transfer that one barrier ends.
enum Part : uint8_t { READ_PART, SOURCE_PART, TARGET_PART, PARTS };

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
};
constexpr int32_t RECTANGLE = INT32_MAX;

struct Races {
    const uint16_t* thread_of;  // by kernel
    const uint32_t* kernel_of;  // by thread
    uint32_t* clocks;           // [threads][threads]
    uint32_t* buffer_clocks;    // [cores][circular buffers][pushed, popped][threads]
    uint32_t* word_clocks;      // [WORDS + 1][threads]; the last is that of all words that found no place
    uint64_t* words;            // [WORDS]
    uint8_t* singles;           // [WORDS + 1]: whether it was written as a single word
    uint32_t* chains;           // [threads][PARTS]: the newest flight
    uint64_t* loaded;           // [threads]: the address and line of the last load
    uint32_t* ends;             // [threads][loads, stores]: begin and end of the last one
    Finding* doubts;            // [threads]: what is a race unless the next load is the same again
    Flight* flights;            // [FLIGHTS]
    uint32_t* index;            // [INDEX]: a block's number + 1
    Block* blocks;              // [BLOCKS]
    uint32_t threads, serial, block_count, words_lost, reorders_multicasts, padding;
};

// ---- clocks.cpp: who knows of what

uint32_t* clock_of(const Races& races, uint32_t thread);
void release(Races& races, uint32_t thread, uint32_t* into);
void acquire(Races& races, uint32_t thread, const uint32_t* from);
uint32_t* buffer_clock(const Races& races, const Record& record, uint32_t side);
void release_word(Races& races, uint32_t thread, int32_t node, uint64_t address, Word word = SINGLE);
void acquire_word(Races& races, uint32_t thread, int32_t node, uint64_t address, Word word = SINGLE);

// ---- flights.cpp: transfers under way

uint32_t depart(Races& races, uint32_t thread, Part part, const Record& record, int32_t target);
void land(Races& races, uint32_t thread, const Record& barrier);
void announce(Races& races, uint32_t thread, uint32_t noc, int32_t target);
bool is_ordered(const Races& races, const Access& before, uint32_t thread);
const Flight* flight_of(const Races& races, const Access& access);

// ---- shadow.cpp: who touched which bytes

struct Place {
    int32_t node;  // a core, or -2 - channel of DRAM
    uint64_t address;
    uint32_t size;
};

struct Touch {
    bool writes;
    Word word;
    Part part;
    uint32_t flight;
};
void touch(State& state, const Record& record, uint32_t thread, const Place& place, const Touch& how);

}  // namespace check
