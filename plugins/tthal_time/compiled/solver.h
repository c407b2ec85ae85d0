// The discrete-event solver: processors and engines that carry out actions one after the other, the two networks that
// their transfers share, DRAM channels, queues of pages, and counters. Times are cycles. Python (solver.py) lays the
// structures out; memory comes from the function that it hands over. No libc: built like the emulator's compiled part.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace timing {

// What an action does; layouts.py has the same numbers, and the comment says which fields count.
enum Kind : uint8_t {
    WORK = 0,   // cycles
    READ,       // noc, node, bytes, channel; `cycles` to issue it
    WRITE,      // the same; value, effect: what arrives
    MULTICAST,  // noc, node, last (corner), bytes, count (destinations), flags
    ATOMIC,     // noc, node, effect, value
    READ_BARRIER,
    WRITE_BARRIER,
    WRITE_FLUSH,
    ATOMIC_BARRIER,
    QUEUE_WAIT,  // queue, count pages
    QUEUE_POP,
    QUEUE_RESERVE,
    QUEUE_PUSH,
    COUNTER_WAIT,  // counter, value, flags; CHANGES: it changed so often
    COUNTER_SET,   // counter, value
    HAND_ON,       // waits for room in a queue, works, and leaves one there: QUEUE_RESERVE, WORK and QUEUE_PUSH
    TAKE_UP,       // waits for one, works on it, and takes it away: QUEUE_WAIT, WORK and QUEUE_POP
    CODE,          // cycles, of the kernel's own instructions
    ZONE,          // value: hash of its name; flags; node and channel: the data of a mark
    KINDS
};

enum Flag : uint8_t { POSTED = 1, LOOPBACK = 2, LINKED = 4, AT_LEAST = 8, ADD = 16, ZONE_END = 32, INSTANT = 64, CHANGES = 128 };

constexpr uint32_t NONE = ~0u;

struct Action {
    uint8_t kind, noc, flags, padding;
    uint32_t repeat;  // so many times
    uint32_t node, last;
    uint32_t bytes, count;
    uint32_t channel;  // DRAM channel, queue or counter
    uint32_t effect;   // counters that change on arrival: one per core, see Job
    uint32_t value, site;
    double cycles;
};
static_assert(sizeof(Action) == 48);

// What a thread's actions of one kind took: cycles at work and waiting.
struct Sum {
    double busy, waited;
    uint64_t count;
};

// One processor or engine; where it is, its actions (a run of them at a time), and what became of it.
struct Thread {
    const Action* actions;
    uint64_t position, end;
    double since, asked;  // when the current action began to wait, and to be the current one
    uint32_t state, repetition;
    uint32_t last_site, next_site;  // places in Sites: of its last action, and of the one that followed it last time
    uint32_t done, whole;           // whole: all of its actions are there
    uint32_t node, next_waiting;
    uint32_t reads, writes, unsent, atomics;  // outstanding
    uint32_t linked, cast;  // it keeps the path of its last multicast; which that is
    double finish, path_free;
    uint64_t moved, moved_dram;     // bytes of its commands
    uint64_t tiles, pushed, popped;  // that an engine worked on; pages
    Sum sums[KINDS];
};

constexpr uint32_t RUN = 2048;

// Actions of a thread as they are captured (capture.h), in runs: `actions` are those of the last one. Whoever solves while
// the launch goes on may read the first `published` of all; it is at the run `reading`, and needs none before that again.
struct List {
    Action* actions;
    uint64_t size, capacity;  // of the last run, at most RUN
    Action** runs;            // those before it, or null: it is in the file, or forgotten
    uint64_t run_count, run_capacity;
    uint64_t first;  // all before this one are null
    uint64_t published, reading;
    uint32_t locked, padding;  // while its runs change
    double cycles;             // of all runs before the last, and the end of what in them is not the thread's own work
    uint64_t others;
};

enum Progress : uint32_t { GOES_ON, CAPTURED, GIVEN_UP };  // of a launch whose lists are solved; layouts.py has the same

struct Queue {
    uint32_t capacity, pushed, popped, waiting;
};

struct Counter {
    uint32_t value, waiting, changes, padding;
};

// A DRAM bank: when it is free, until when it reads and writes, how long it was at work, and the bytes it read and took.
struct Bank {
    double free, until[2], busy;
    uint64_t bytes[2];
};

// What a place of a thread's kernel took in all.
struct Site {
    uint32_t thread, site;
    uint64_t count;
    double busy, waited;
};

// What happened, for those who want every action: an action itself, or a transfer from its command to its arrival.
struct Span {
    uint32_t thread;
    uint8_t kind, noc, flags, is_transfer;
    uint32_t site, node, bytes, count, channel, value;
    double asked, began, ended;
};
static_assert(sizeof(Span) == 56);

struct Chip {
    uint32_t width, height, flit_bytes, packet_bytes;
    double hop, niu, write_rate, read_rate, buffer_flits, path_base, path_hop, path_inside, path_outside, linked_gap;
    double dram_rate, dram_mixed_rate, dram_turning, dram_read_interval, dram_write_interval, dram_small_write,
        dram_small_write_interval;
    double dram_read_latency, dram_write_latency, response;
};

struct Job {
    const Chip* chip;
    Thread* threads;
    Queue* queues;
    Counter* counters;
    Bank* channels;         // DRAM
    const uint32_t* cores;  // per node: which counter of an effect is its own, or NONE
    double* link_flits;     // per noc, link and direction: what went over it
    void* (*allocate)(void*, size_t);
    void (*release)(void*);
    bool (*more)(uint32_t thread);                    // gives a thread its next run of actions
    void (*keep)(const Span* spans, uint32_t count);  // or null
    Site* sites;                                      // allocated here, released by the caller
    List* lists;             // or null; `more` is asked only for a run of theirs that is in the file
    const uint32_t* listed;  // of every thread
    int (*sleep)(uint32_t microseconds);
    uint32_t thread_count, queue_count, counter_count, channel_count;
    uint32_t core_count, site_count;  // core_count: counters of an effect
    uint32_t progress, waits;         // of the lists; and whether the solver waits for more of them
    double time;
    uint64_t events;
    uint64_t event_limit;
};

}  // namespace timing
